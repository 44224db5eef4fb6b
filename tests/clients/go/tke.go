package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// workstation is a directory of the program tke.
type workstation struct {
	w         *walk
	directory string
	passwords map[string]string
}

func newWorkstation(w *walk) *workstation {
	directory := filepath.Join(w.files, "tke")
	w.must("directory", os.Mkdir(directory, 0o700))
	return &workstation{w, directory, map[string]string{}}
}

// run runs a command; lines are typed. It must succeed.
func (t *workstation) run(lines []string, arguments ...string) string {
	command := exec.Command(variable("HPCS_WALK_TKE"), arguments...)
	command.Env = append(os.Environ(), "CLOUDTKEFILES="+t.directory, "TKE_PRIVATE_ADDR="+t.w.emulator.address)
	command.Stdin = strings.NewReader(strings.Join(append(lines, ""), "\n"))
	output, err := command.CombinedOutput()
	if err != nil {
		t.w.failf("tke %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
	return string(output)
}

// known runs a command whose passwords come from a file.
func (t *workstation) known(arguments ...string) string {
	var lines []string
	for name, password := range t.passwords {
		lines = append(lines, name+"="+password)
	}
	file := filepath.Join(t.w.files, "passwords")
	t.w.must("passwords", os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return t.run(nil, append([]string{"--password-file", file}, arguments...)...)
}

// signer makes a signature key; the password is typed twice.
func (t *workstation) signer(name string) signer {
	password := "typed for " + name
	t.passwords[name] = password
	before := t.keyFiles()
	t.run([]string{password, password}, "sigkey-add", "--name", name)
	made := without(t.keyFiles(), before)
	t.w.is("key files made", len(made), 1)
	return existing(t.w, name, made[0], password)
}

func (t *workstation) keyFiles() []string {
	files, err := filepath.Glob(filepath.Join(t.directory, "*.sigkey"))
	t.w.must("key files", err)
	return files
}
