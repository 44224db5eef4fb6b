package main

import (
	"github.com/IBM/ibm-hpcs-tke-sdk/ep11cmds"
	"github.com/IBM/ibm-hpcs-tke-sdk/tkesdk"
)

const noPattern = "0000000000000000000000000000000000000000000000000000000000000000"

// queryFresh: five crypto units on two modules, as they are delivered.
func queryFresh(w *walk) {
	w.create(fiveOnTwo())
	mark := w.wire.mark()
	units := w.query()
	all := w.wire.since(mark)
	w.is("requests", counted(all), map[string]int{"GET": 1, "m_admin": 18, "get_xcp_info": 5})
	// One certificate read for each module, and C for each chain: two certificates, one beyond.
	w.is("certificate queries", len(commandsOf(all, queryCertificate)), 2+2*2)
	kinds := []string{"operational", "operational", "operational", "recovery", "recovery"}
	for at, unit := range units {
		wanted := tkesdk.HsmInfo{
			HsmId: unit.HsmId, HsmLocation: unit.HsmLocation, HsmType: kinds[at], Admins: []tkesdk.ReturnedAdminInfo{},
			NewMKStatus: "Empty", NewMKVP: noPattern, CurrentMKStatus: "Empty", CurrentMKVP: noPattern,
		}
		w.is("crypto unit "+itoa(at+1), unit, wanted)
	}
	w.is("crypto units", len(units), 5)
	ledgerOf(w).end()
}

// acceptance: an instance's life as Terraform leads it.
func acceptance(w *walk) {
	w.create(fiveOnTwo())
	first, second, third := captured(w)
	l := ledgerOf(w)

	two := config(2, 1, first, second)
	problems, err := tkesdk.CheckTransition(w.common(), two)
	w.must("CheckTransition", err)
	w.is("problems", problems, []string{})
	l.end()
	mark := w.wire.mark()
	w.update(two)
	w.is("requests of Update", counted(w.wire.since(mark)), map[string]int{"GET": 1, "m_admin": 105, "get_xcp_info": 13})
	pattern := w.configured(2, 1, first, second)
	l.updated(2, 1, skisOf(first, second), pattern)
	l.end()
	for _, unit := range w.proven() {
		attributes, _, err := ep11cmds.QueryDomainAttributes(w.token, w.base(), unit)
		w.must("attributes", err)
		permissions := uint32(0x01FF2055)
		if unit.Type == "recovery" {
			permissions = 0x01FF205F
		}
		w.is("permissions and mode of "+unit.Location,
			[]uint32{attributes.Permissions, attributes.OperationalMode}, []uint32{permissions, 1})
	}

	mark = w.wire.mark()
	w.query()
	w.is("requests of Query with two administrators", counted(w.wire.since(mark)),
		map[string]int{"GET": 1, "m_admin": 18 + 5*2, "get_xcp_info": 5})
	mark = w.wire.mark()
	w.update(two)
	w.is("requests of Update with nothing to do", counted(w.wire.since(mark)),
		map[string]int{"GET": 1, "m_admin": 28 + 5*3, "get_xcp_info": 5})
	l.updated(2, 1, skisOf(first, second), pattern)
	l.end()

	mark = w.wire.mark()
	w.update(config(2, 1, first, second, third))
	l.updated(2, 1, skisOf(first, second, third), pattern)
	l.end()
	w.is("adds, each with two signatures", signaturesOf(w.wire.since(mark), addAdministrator), []int{2, 2, 2, 2, 2})
	w.configured(2, 1, first, second, third)

	mark = w.wire.mark()
	w.update(config(1, 1, first, second))
	l.updated(1, 1, skisOf(first, second), pattern)
	l.end()
	w.is("removals, each with one signature", signaturesOf(w.wire.since(mark), removeAdmin), []int{1, 1, 1, 1, 1})
	w.is("thresholds, each with two signatures", signaturesOf(w.wire.since(mark), setAttributes), []int{2, 2, 2, 2, 2})
	w.is("the key stays", w.configured(1, 1, first, second), pattern)

	w.update(config(2, 2, first, second))
	l.updated(2, 2, skisOf(first, second), pattern)
	w.saying("Zeroize with a key that is not installed", tkesdk.Zeroize(w.common(), config(1, 1, third)),
		"The administrator signature keys specified in the resource block do not allow the operation to be performed in the "+
			"following crypto units: "+l.units[0].location+", ")
	locked := second
	locked.Token = "not the password"
	w.saying("Zeroize with a key that cannot be read", tkesdk.Zeroize(w.common(), config(1, 1, locked)),
		"One or more signature keys cannot be accessed.")
	l.end()
	mark = w.wire.mark()
	w.zeroize(config(2, 2, second))
	w.is("requests of Zeroize", counted(w.wire.since(mark)),
		map[string]int{"GET": 1, "m_admin": 28 + 5*2 + 5*2, "get_xcp_info": 5})
	for at := range l.units {
		l.zeroized(at)
	}
	l.end()
	w.is("zeroizations, each with one signature", signaturesOf(w.wire.since(mark), zeroizeDomain), []int{1, 1, 1, 1, 1})
	w.delivered()

	mark = w.wire.mark()
	w.zeroize(tkesdk.HsmConfig{})
	for at := range l.units {
		l.zeroized(at)
	}
	l.end()
	w.is("zeroizations in imprint mode, unsigned", signaturesOf(w.wire.since(mark), zeroizeDomain), []int{0, 0, 0, 0, 0})
}

// configured: every crypto unit is like this, with one valid key; its pattern is returned.
func (w *walk) configured(signature, revocation int, signers ...signer) string {
	units := w.query()
	pattern := units[0].CurrentMKVP
	if len(units) == 0 || pattern == noPattern {
		w.failf("no key in %v", units)
	}
	names := map[string]string{}
	for _, one := range signers {
		names[one.ski] = one.Name
	}
	for _, unit := range units {
		installed := map[string]string{}
		for _, admin := range unit.Admins {
			installed[admin.AdminSKI] = trimmed(admin.AdminName)
		}
		w.is("administrators of "+unit.HsmLocation, installed, names)
		w.is("thresholds of "+unit.HsmLocation, []int{unit.SignatureThreshold, unit.RevocationThreshold}, []int{signature, revocation})
		w.is("registers of "+unit.HsmLocation, []string{unit.CurrentMKStatus, unit.CurrentMKVP, unit.NewMKStatus},
			[]string{"Valid", pattern, "Empty"})
	}
	return pattern
}

// delivered: every crypto unit is as it was delivered.
func (w *walk) delivered() {
	for _, unit := range w.query() {
		w.is("state of "+unit.HsmLocation,
			[]interface{}{unit.SignatureThreshold, unit.RevocationThreshold, len(unit.Admins), unit.CurrentMKStatus, unit.NewMKStatus},
			[]interface{}{0, 0, 0, "Empty", "Empty"})
	}
}

// signaturesOf are the numbers of signatures that these commands bore.
func signaturesOf(all []sent, command uint32) []int {
	counts := []int{}
	for _, one := range commandsOf(all, command) {
		counts = append(counts, one.signatures)
	}
	return counts
}

// life: check, initialise, query, zeroize.
func (w *walk) life(signature, revocation int, signers ...signer) {
	l := ledgerOf(w)
	problems, err := tkesdk.CheckTransition(w.common(), config(signature, revocation, signers...))
	w.must("CheckTransition", err)
	w.is("problems", problems, []string{})
	w.update(config(signature, revocation, signers...))
	pattern := w.configured(signature, revocation, signers...)
	l.updated(signature, revocation, skisOf(signers...), pattern)
	w.zeroize(config(signature, revocation, signers...))
	for at := range l.units {
		l.zeroized(at)
	}
	l.end()
	w.delivered()
}

// generation: an instance all of whose modules are of this one.
func generation(profile string) func(*walk) {
	return func(w *walk) {
		w.create(object{"profile": profile})
		w.life(2, 1, newSigner(w, "alice"), newRSASigner(w, "bob"))
	}
}

// keysOfTke: signature keys that tke made, under their documented file names.
func keysOfTke(w *walk) {
	t := newWorkstation(w)
	w.life(2, 2, t.signer("alice"), t.signer("bob"))
}

// signingService: no key is in a file.
func signingService(w *walk) {
	k := newKeeper(w)
	k.key("alice-key", "alice's token")
	k.key("bob-key", "bob's token")
	k.serve()
	alice, bob := k.signer("alice", "alice-key", "alice's token"), k.signer("bob", "bob-key", "bob's token")
	w.life(2, 1, alice, bob)

	wrong := alice
	wrong.Token = "bob's token"
	problems, err := tkesdk.CheckTransition(w.common(), config(1, 1, wrong))
	w.must("CheckTransition", err)
	w.is("problems", problems, []string{
		"The signature key associated with alice could not be accessed.  An attempt was made to use a signing service.  " +
			"The signing service may not be running at the specified URL and port.",
	})
}
