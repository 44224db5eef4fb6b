package main

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"

	"github.com/IBM/ibm-hpcs-tke-sdk/common"
	"github.com/IBM/ibm-hpcs-tke-sdk/tkesdk"
)

// changed runs Update and checks all that comes of it.
func (l *ledger) changed(signature, revocation int, pattern string, signers ...signer) {
	l.w.update(config(signature, revocation, signers...))
	l.updated(signature, revocation, skisOf(signers...), pattern)
	l.w.is("pattern", l.w.configured(signature, revocation, signers...), pattern)
	l.end()
}

// begun initialises the instance and gives the pattern of its key.
func (w *walk) begun(signature, revocation int, signers ...signer) (*ledger, string) {
	l := ledgerOf(w)
	w.update(config(signature, revocation, signers...))
	pattern := w.configured(signature, revocation, signers...)
	l.updated(signature, revocation, skisOf(signers...), pattern)
	l.end()
	return l, pattern
}

func caseB(w *walk) {
	a, b, c, d := newSigner(w, "a"), newSigner(w, "b"), newSigner(w, "c"), newRSASigner(w, "d")
	l, pattern := w.begun(1, 2, a, b, c)
	l.changed(2, 1, pattern, a, b, d)
}

func caseC(w *walk) {
	a, b, c, d, e := newSigner(w, "a"), newSigner(w, "b"), newSigner(w, "c"), newRSASigner(w, "d"), newSigner(w, "e")
	l, pattern := w.begun(1, 2, a, b, c)
	l.changed(1, 2, pattern, a, d, e)
}

func thresholds(w *walk) {
	a, b, c := newSigner(w, "a"), newRSASigner(w, "b"), newSigner(w, "c")
	l, pattern := w.begun(1, 1, a, b, c)
	l.changed(3, 3, pattern, a, b, c)
	l.changed(2, 1, pattern, a, b, c)
	l.changed(1, 1, pattern, c, a)
	l.changed(1, 1, pattern, c)
}

// leftovers: somebody has added an administrator to one crypto unit and gone.
func leftovers(w *walk) {
	t := newWorkstation(w)
	left := t.signer("left")
	t.known("cryptounit-add", "--units", "2")
	t.known("cryptounit-admin-add", "--keynum", "1")
	l := ledgerOf(w)
	l.added(1, left.ski)
	a := newSigner(w, "a")
	mark := w.wire.mark()
	w.update(config(1, 1, a))
	lists := 0
	for _, one := range w.wire.since(mark) {
		if one.method == "GET" {
			lists++
		}
	}
	w.is("queries", lists, 2)
	l.updated(1, 1, skisOf(a), w.configured(1, 1, a))
	l.end()
}

// inputs: nothing is asked of the cloud.
func inputs(w *walk) {
	a := newSigner(w, "a")
	var nine []signer
	for number := 1; number <= 9; number++ {
		nine = append(nine, newSigner(w, "n"+itoa(number)))
	}
	long, locked, missing, twice := a, a, a, a
	long.Name = "thirty characters, and one more"
	locked.Token = "not the password"
	missing.Key = filepath.Join(w.files, "no.sigkey")
	twice.Name = "the same"
	const (
		signatureRange  = "The signature threshold must be an integer between 1 and 8."
		revocationRange = "The revocation threshold must be an integer between 1 and 8."
		fewForSignature = "Not enough administrators are specified to meet the signature threshold value."
		fewToRevoke     = "Not enough administrators are specified to meet the revocation threshold value."
	)
	l := ledgerOf(w)
	mark := w.wire.mark()
	for _, one := range []struct {
		config tkesdk.HsmConfig
		texts  []string
	}{
		{config(0, 1, a), []string{signatureRange}},
		{config(1, 0, a), []string{revocationRange}},
		{config(9, 9, nine[:8]...), []string{signatureRange, revocationRange, fewForSignature, fewToRevoke}},
		{config(2, 1, a), []string{fewForSignature}},
		{config(1, 2, a), []string{fewToRevoke}},
		{config(1, 1, nine...), []string{"No more than 8 administrators can be specified."}},
		{config(1, 1, long), []string{"An administrator name is too long.  Names must be 30 characters or less."}},
		{config(1, 1, locked), []string{"The signature key associated with a could not be accessed."}},
		{config(1, 1, missing), []string{"The signature key associated with a could not be accessed."}},
		{config(1, 1, a, twice), []string{
			"Signature keys are not unique.  The same signature key is specified for more than one administrator."}},
	} {
		w.refusing(one.config, one.texts...)
	}
	// Nobody listens where the reserved port 0 is.
	w.must("TKE_SIGNSERV_URL", os.Setenv("TKE_SIGNSERV_URL", "http://127.0.0.1:0"))
	w.refusing(config(1, 1, a), "The signature key associated with a could not be accessed.  An attempt was made to use a "+
		"signing service.  The signing service may not be running at the specified URL and port.")
	w.is("requests", len(w.wire.since(mark)), 0)
	l.end()
}

// refusing: CheckTransition and Update tell these problems and change nothing.
func (w *walk) refusing(config tkesdk.HsmConfig, texts ...string) {
	for name, ask := range map[string]func(tkesdk.CommonInputs, tkesdk.HsmConfig) ([]string, error){
		"CheckTransition": tkesdk.CheckTransition, "Update": tkesdk.Update,
	} {
		problems, err := ask(w.common(), config)
		w.must(name, err)
		w.is("problems of "+name, problems, texts)
	}
}

func transitions(w *walk) {
	const (
		few = "Not enough signature keys for installed administrators are provided in the resource block to meet the " +
			"current signature threshold."
		fewToRevoke = "Not enough signature keys for installed administrators are provided in the resource block to meet " +
			"the current revocation threshold."
		renamed = "You are not allowed to change the name of an existing adminstrator."
	)
	a, scalar := newSignerAndScalar(w, "a")
	b := newSigner(w, "b")
	var others []signer
	for number := 1; number <= 8; number++ {
		others = append(others, newSigner(w, "n"+itoa(number)))
	}
	each := func(text string, units int) (texts []string) {
		for ; units > 0; units-- {
			texts = append(texts, text)
		}
		return
	}

	// No recovery crypto unit.
	w.create(object{"recovery": false})
	w.refusing(config(1, 1, a), "The service instance does not contain any recovery crypto units.")
	ledgerOf(w).end()

	// Every one of the four crypto units tells its problem.
	w.create(object{})
	l, _ := w.begun(2, 1, a, b)
	w.refusing(config(1, 1, a, others[0]), each(few, 4)...)
	named := b
	named.Name = "another b"
	w.refusing(config(2, 1, a, named), each(renamed, 4)...)
	l.end()

	// 1/2, one of five stays and four come: nine administrators at once, and one is too few to remove others first.
	w.create(object{})
	l, _ = w.begun(1, 2, append([]signer{a}, others[:4]...)...)
	w.refusing(config(1, 2, append([]signer{a}, others[4:8]...)...), each(fewToRevoke, 4)...)
	l.end()

	// Registers that do not agree.
	admins := []object{{"name": "a", "private_key": scalar}}
	keyed := func(key string) object {
		return object{"administrators": admins, "signature_threshold": 1, "revocation_signature_threshold": 1,
			"current_master_key": object{"key": key}}
	}
	const one, other = "58b6cb97953fa9b9a71e62206e93abf32f9b1deb90a4d5daf7dd8b09c009c709",
		"68b6cb97953fa9b9a71e62206e93abf32f9b1deb90a4d5daf7dd8b09c009c709"
	w.create(object{"units": []object{keyed(one)}})
	w.refusing(config(1, 1, a), "The current master key register is set in one or more operational crypto units but is not "+
		"set in any recovery crypto units.")
	ledgerOf(w).end()
	w.create(object{"units": []object{keyed(one), {}, keyed(other)}})
	w.refusing(config(1, 1, a), "Current master key registers are set in multiple crypto units but are not set to the same value.")
	ledgerOf(w).end()

	// And one that does: the second operational and recovery unit get the key of the first recovery unit.
	w.create(object{"units": []object{keyed(one), {}, keyed(one)}})
	pattern := w.query()[0].CurrentMKVP
	l = ledgerOf(w)
	for _, at := range []int{0, 2} {
		u := l.units[at]
		u.admins, u.signature, u.revocation, u.hasKey = skisOf(a), 1, 1, true
	}
	l.changed(1, 1, pattern, a)
}

// tokenExpires: an hour goes by between the attribute query and the command that adds the first administrator to the
// second crypto unit.
func tokenExpires(w *walk) {
	a, b := newSigner(w, "a"), newRSASigner(w, "b")
	l := ledgerOf(w)
	adds := 0
	w.wire.before = func(one sent) {
		if one.function == mAdmin && one.command == addAdministrator {
			if adds++; adds == 3 {
				w.emulator.shift(w, "+1h")
			}
		}
	}
	_, err := tkesdk.Update(w.common(), config(2, 1, a, b))
	w.wire.before = nil
	w.showing("Update", err, "Error sending HTPRequest to target service instance.", 401, advice401)
	for at := range l.units {
		l.zeroized(at)
	}
	l.added(0, a.ski, b.ski)
	l.set(0, 2, 1)
	refused := member(l.peek(adminAdd).RequestData["adminId"])
	w.is("administrators of whom one was refused", len(without(skisOf(a, b), []string{refused})), 1)
	l.refused(1, adminAdd, 401, "Unauthorized", invalidToken, object{"adminId": refused})
	l.end()

	w.signIn()
	w.update(config(2, 1, a, b))
	l.updated(2, 1, skisOf(a, b), w.configured(2, 1, a, b))
	l.end()
}

// sharedSdkFirst: keys of tke, the ceremony begun by the SDK, the rest by tke.
func sharedSdkFirst(w *walk) {
	t := newWorkstation(w)
	a, b := t.signer("a"), t.signer("b")
	l, _ := w.begun(2, 1, a, b)
	t.known("cryptounit-add", "--units", "1 2 3 4")
	t.known("sigkey-sel", "--keynum", "1 2")
	compared := t.known("cryptounit-compare")
	if !contains(compared, "configured the same") {
		w.failf("cryptounit-compare:\n%s", compared)
	}
	t.known("cryptounit-thrhld-set", "--signature", "2", "--revocation", "2")
	for at := range l.units {
		l.set(at, 2, 2)
	}
	w.configured(2, 2, a, b)
	t.known("cryptounit-zeroize", "--yes")
	for at := range l.units {
		l.zeroized(at)
	}
	l.end()
	w.delivered()
}

// sharedTkeFirst: the ceremony with key part files by tke, the rest by the SDK.
func sharedTkeFirst(w *walk) {
	t := newWorkstation(w)
	a, b := t.signer("a"), t.signer("b")
	l := ledgerOf(w)
	t.known("cryptounit-add", "--units", "1 2 3 4")
	t.known("sigkey-sel", "--keynum", "1 2")
	for number, one := range []signer{a, b} {
		t.known("cryptounit-admin-add", "--keynum", itoa(number+1))
		for at := range l.units {
			l.added(at, one.ski)
		}
	}
	t.known("cryptounit-thrhld-set", "--signature", "2", "--revocation", "2")
	for at := range l.units {
		l.set(at, 2, 2)
	}
	t.passwords["part 1"], t.passwords["part 2"] = "one", "two"
	values := []string{
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		"101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f",
	}
	var parts []string
	for number, value := range values {
		name := "part " + itoa(number+1)
		password := t.passwords[name]
		t.run([]string{value, password, password}, "mk-add", "--value", "--description", name)
		parts = append(parts, patternOf(w, value))
	}
	t.known("cryptounit-mk-load", "--keynum", "1 2")
	t.known("cryptounit-mk-commit")
	t.known("cryptounit-mk-setimm", "--yes")
	pattern := w.configured(2, 2, a, b)
	// The key is the exclusive or of its parts.
	w.is("pattern of the key", pattern, patternOf(w, strings.Repeat("10", 16)+strings.Repeat("30", 16)))
	for at := range l.units {
		l.loaded(at, parts, pattern)
	}
	for at := range l.units {
		l.committed(at, parts, pattern)
	}
	for at := range l.units {
		l.activated(at, pattern)
	}
	l.changed(1, 1, pattern, a, b)
	w.zeroize(config(1, 1, b))
	for at := range l.units {
		l.zeroized(at)
	}
	l.end()
	w.delivered()
}

// patternOf is the verification pattern of a key that is given as 64 digits, in the form of the modules of us-south: they are
// CEX6, whose firmware leaves the last four bytes as they were hashed. The SDK zeroes them and compares the others.
func patternOf(w *walk, key string) string {
	bytes := bytesOf(w, key)
	hash := sha256.Sum256(append([]byte{1}, bytes...))
	w.is("28 bytes of the pattern", hexOf(common.Calc_vp(bytes)[:28]), hexOf(hash[:28]))
	return hexOf(hash[:])
}
