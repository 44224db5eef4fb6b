package main

import "fmt"

// The documented actions of Trusted Key Entry, short names in front (workflows, section 1.13).
const (
	adminAdd     = "hs-crypto.tke-cryptounit-admin.add"
	adminRemove  = "hs-crypto.tke-cryptounit-admin.remove"
	thresholdSet = "hs-crypto.tke-cryptounit-threshold.set"
	load         = "hs-crypto.tke-cryptounit-master-key-register.add"
	commit       = "hs-crypto.tke-cryptounit-master-key-register.commit"
	activate     = "hs-crypto.tke-cryptounit-master-key-register.activate"
	clearNew     = "hs-crypto.tke-cryptounit-new-master-key-register.clear"
	clearCurrent = "hs-crypto.tke-cryptounit-current-master-key-register.clear"
	reset        = "hs-crypto.tke-cryptounit.reset"
)

var typeURIs = map[string]string{
	adminAdd:     "hs-crypto/tke-cryptounit/admin",
	adminRemove:  "hs-crypto/tke-cryptounit/admin",
	thresholdSet: "hs-crypto/tke-cryptounit/threshold",
	load:         "hs-crypto/tke-cryptounit/master-key-register",
	commit:       "hs-crypto/tke-cryptounit/master-key-register",
	activate:     "hs-crypto/tke-cryptounit/master-key-register",
	clearNew:     "hs-crypto/tke-cryptounit/new-master-key-register",
	clearCurrent: "hs-crypto/tke-cryptounit/current-master-key-register",
	reset:        "hs-crypto/tke-cryptounit",
}

// ledger knows what the ceremonies of an instance must leave behind. It works out each event from the rules of workflows,
// section 4, and its own picture of the crypto units, and takes the next one of the log for comparison.
type ledger struct {
	w     *walk
	units []*unit
	taken int
	// Identifiers of keys that were loaded whole, by their patterns.
	wholes map[string]string
}

// unit is a crypto unit as the ledger sees it.
type unit struct {
	id, location, kind    string
	admins                []string
	signature, revocation int
	hasKey                bool
}

// ledgerOf begins with an instance whose crypto units are all in imprint mode, without administrators.
func ledgerOf(w *walk) *ledger {
	l := &ledger{w: w, wholes: map[string]string{}}
	for _, entry := range w.listed() {
		l.units = append(l.units, &unit{id: entry.Hsm_id, location: entry.Location, kind: entry.Type})
	}
	return l
}

// updated: Update as Terraform runs it (section 4.2, "Terraform variant"), to these thresholds and administrators. A master
// key that is transferred has this pattern.
func (l *ledger) updated(signature, revocation int, final []string, pattern string) {
	for at, u := range l.units {
		if u.signature == 0 {
			l.zeroized(at)
		}
	}
	for at, u := range l.units {
		gone, missing := without(u.admins, final), without(final, u.admins)
		kept := len(u.admins) - len(gone)
		switch {
		case u.signature >= u.revocation:
			l.removed(at, gone...)
			l.added(at, missing...)
			l.set(at, signature, revocation)
		case revocation <= kept:
			l.set(at, u.signature, revocation)
			l.removed(at, gone...)
			l.added(at, missing...)
			l.set(at, signature, revocation)
		default:
			l.added(at, missing...)
			l.removed(at, gone...)
			l.set(at, signature, revocation)
		}
	}
	l.filled(pattern)
}

// filled: every register that is empty gets the key of a recovery unit. The one that makes it has no event.
func (l *ledger) filled(pattern string) {
	source := -1
	for at, u := range l.units {
		if u.kind == "recovery" && u.hasKey {
			source = at
			break
		}
	}
	for at, u := range l.units {
		if source < 0 && u.kind == "recovery" {
			source = at
			u.hasKey = true
		}
	}
	for at, u := range l.units {
		if !u.hasKey {
			parts := l.whole(pattern)
			l.loaded(at, parts, pattern)
			l.committed(at, parts, pattern)
			l.activated(at, pattern)
		}
	}
}

func (l *ledger) zeroized(at int) {
	l.next(at, reset, nil, nil)
	u := l.units[at]
	u.admins, u.signature, u.revocation, u.hasKey = nil, 0, 0, false
}

// added: each of these, in an order that is the client's affair; the SDK's differs from run to run.
func (l *ledger) added(at int, skis ...string) {
	u, left := l.units[at], skis
	for len(left) > 0 {
		found, _ := l.peek(adminAdd).RequestData["adminId"].(string)
		rest := without(left, []string{found})
		if len(rest) == len(left) {
			l.w.failf("event %d adds %s to %s; it should be one of %v", l.taken+1, found, u.location, left)
		}
		left = rest
		u.admins = append(u.admins, found)
		l.next(at, adminAdd, object{"adminId": found}, object{"adminIds": u.admins})
	}
}

// removed: these, in this order.
func (l *ledger) removed(at int, skis ...string) {
	u := l.units[at]
	for _, ski := range skis {
		u.admins = without(u.admins, []string{ski})
		l.next(at, adminRemove, object{"adminId": ski}, object{"adminIds": append([]string{}, u.admins...)})
	}
}

func (l *ledger) set(at, signature, revocation int) {
	both := object{"signatureThreshold": signature, "revocationSignatureThreshold": revocation}
	l.next(at, thresholdSet, both, both)
	l.units[at].signature, l.units[at].revocation = signature, revocation
}

// whole is the identifier of a key that is loaded in one part, out of the event that comes next. It is the pattern with its
// tail kept, whatever the module does with that (events, section 4.9); the tail of a key that nobody knows is the same in
// all events.
func (l *ledger) whole(pattern string) []string {
	ids, _ := l.peek(load).RequestData["masterKeyIds"].([]interface{})
	if len(ids) != 1 || len(member(ids[0])) != 64 || member(ids[0])[:56] != pattern[:56] {
		l.w.failf("event %d loads %v; it should be the key of %s", l.taken+1, ids, pattern)
	}
	if known, is := l.wholes[pattern]; is {
		l.w.is(fmt.Sprintf("identifier in event %d", l.taken+1), ids[0], known)
	}
	l.wholes[pattern] = member(ids[0])
	return []string{member(ids[0])}
}

func (l *ledger) loaded(at int, parts []string, pattern string) {
	l.next(at, load, object{"masterKeyIds": parts}, object{"verificationPattern": pattern})
}

func (l *ledger) committed(at int, parts []string, pattern string) {
	l.next(at, commit, object{"verificationPattern": pattern}, object{"masterKeyIds": parts})
}

func (l *ledger) activated(at int, pattern string) {
	l.next(at, activate, object{"verificationPattern": pattern}, object{"verificationPattern": pattern})
	l.units[at].hasKey = true
}

// next takes one event, of success, and compares all that is named of it.
func (l *ledger) next(at int, action string, request, response object) {
	found := l.take(action)
	u := l.units[at]
	wanted := l.wanted(u, action)
	wanted.Outcome = "success"
	wanted.Reason.Code, wanted.Reason.Type = 200, "OK"
	for name, value := range request {
		wanted.RequestData[name] = value
	}
	wanted.ResponseData = response
	l.w.is(l.place(u), found, wanted)
}

// refused takes one event of failure. Without a request, what it says of it is not looked at.
func (l *ledger) refused(at int, action string, code int, kind, why string, request object) {
	found := l.take(action)
	u := l.units[at]
	wanted := l.wanted(u, action)
	wanted.Outcome = "failure"
	wanted.Reason.Code, wanted.Reason.Type, wanted.Reason.Why = code, kind, why
	for name, value := range request {
		wanted.RequestData[name] = value
	}
	if request == nil {
		wanted.RequestData = found.RequestData
		l.w.is(l.place(u), found.RequestData["location"], u.location)
	}
	l.w.is(l.place(u), found, wanted)
}

// end: there is no event that no rule asks for.
func (l *ledger) end() {
	if events := l.w.emulator.events(l.w, l.w.instance); len(events) != l.taken {
		extra := events[l.taken]
		l.w.failf("after %d events there is one that no rule asks for: %s at %s", l.taken, extra.Action, extra.Target.Name)
	}
}

func (l *ledger) wanted(u *unit, action string) event {
	var wanted event
	wanted.Action, wanted.Severity = action, "critical"
	wanted.Target.Name, wanted.Target.TypeURI = u.location, typeURIs[action]
	wanted.RequestData = object{
		"requestURI": "/v1/tke/" + l.w.instance + "/hsms/" + u.id, "instanceID": l.w.instance, "location": u.location,
	}
	return wanted
}

func (l *ledger) place(u *unit) string {
	return fmt.Sprintf("event %d, of %s", l.taken, u.location)
}

func (l *ledger) take(action string) event {
	found := l.peek(action)
	l.taken++
	return found
}

func (l *ledger) peek(action string) event {
	events := l.w.emulator.events(l.w, l.w.instance)
	if len(events) <= l.taken {
		l.w.failf("after %d events there should be one more: %s", l.taken, action)
	}
	return events[l.taken]
}

// without are those of the first that are not among the second, in their order.
func without(all, some []string) []string {
	left := []string{}
	for _, one := range all {
		among := false
		for _, other := range some {
			among = among || one == other
		}
		if !among {
			left = append(left, one)
		}
	}
	return left
}
