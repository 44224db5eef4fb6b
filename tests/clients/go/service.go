package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/IBM/ibm-hpcs-tke-sdk/tkesdk"
)

// keeper is a signing service with its keys.
type keeper struct {
	w    *walk
	keys string
}

func newKeeper(w *walk) *keeper {
	return &keeper{w, filepath.Join(w.files, "signing-keys")}
}

// key makes a key that asks for a token.
func (k *keeper) key(name, token string) {
	command := k.command("key", "add", name, "--stdin", "--keys", k.keys)
	command.Stdin = strings.NewReader(token + "\n")
	output, err := command.CombinedOutput()
	if err != nil {
		k.w.failf("signing-service key add %s: %v\n%s", name, err, output)
	}
}

// serve starts the service, tells the SDK of it, and ends it with the walkthrough.
func (k *keeper) serve() {
	command := k.command("--keys", k.keys, "--listen", "127.0.0.1:0")
	command.Stderr = os.Stderr
	output, err := command.StdoutPipe()
	k.w.must("signing service", err)
	k.w.must("signing service", command.Start())
	k.w.ends = append(k.w.ends, func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	address, err := bufio.NewReader(output).ReadString('\n')
	k.w.must("address of the signing service", err)
	k.w.must("TKE_SIGNSERV_URL", os.Setenv("TKE_SIGNSERV_URL", strings.TrimSpace(address)))
}

// signer is the administrator whose key the service keeps under this name.
func (k *keeper) signer(name, key, token string) signer {
	ski, err := tkesdk.GetSigKeySKI(key, token)
	k.w.must("key "+key, err)
	return signer{tkesdk.AdminInfo{Name: name, Key: key, Token: token}, ski}
}

func (k *keeper) command(arguments ...string) *exec.Cmd {
	return exec.Command(variable("HPCS_WALK_PROGRAM"), append([]string{"signing-service"}, arguments...)...)
}
