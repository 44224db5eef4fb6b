package main

import (
	"encoding/hex"

	"github.com/IBM/ibm-hpcs-tke-sdk/common"
	"github.com/IBM/ibm-hpcs-tke-sdk/ep11cmds"
	"github.com/IBM/ibm-hpcs-tke-sdk/tkesdk"
)

// commands: every command function that the published module exports, with the module's own key as trust.
func commands(w *walk) {
	alice, bob := newSigner(w, "alice"), newRSASigner(w, "bob")
	aliceKeys, aliceSkis, aliceTokens := signing(alice)
	bothKeys, bothSkis, bothTokens := signing(alice, bob)
	units, l := w.proven(), ledgerOf(w)
	target, source := 0, 2
	w.is("the source is a recovery unit", units[source].Type, "recovery")
	for _, at := range []int{target, source} {
		unit := units[at]
		info, err := ep11cmds.QueryModuleInfo(w.token, w.base(), unit)
		w.must("module information", err)
		w.is("serial number in the module information", info.SerialNumberString, unit.Serial_num)
		for _, one := range []signer{alice, bob} {
			certificate, err := tkesdk.CreateAdminCertFromFile(one.Key, one.ski, one.Token, one.Name)
			w.must("certificate", err)
			w.must("add", ep11cmds.AddDomainAdmin(w.token, w.base(), unit, certificate, nil, nil, nil))
			l.added(at, one.ski)
			ski, _ := hex.DecodeString(one.ski)
			name, err := ep11cmds.QueryDomainAdminName(w.token, w.base(), unit, ski)
			w.must("name", err)
			w.is("name", trimmed(name), one.Name)
		}
		w.must("attributes", tkesdk.SetDomainAttributes(w.token, w.base(), unit, 2, 1, bothKeys, bothSkis, bothTokens))
		l.set(at, 2, 1)
		before, err := ep11cmds.QueryDomainControlPoints(w.token, w.base(), unit)
		w.must("control points", err)
		add := func(number int) error {
			mask := make([]byte, len(before))
			mask[number/8] = 0x80 >> (number % 8)
			return ep11cmds.AddDomainControlPoints(w.token, w.base(), unit, mask, bothKeys, bothSkis, bothTokens)
		}
		w.refused("a control point that nobody may set", add(skipKeyTests), 80, 45)
		w.must("control point", add(fipsOf2021))
		points := append([]byte(nil), before...)
		points[fipsOf2021/8] |= 0x80 >> (fipsOf2021 % 8)
		after, err := ep11cmds.QueryDomainControlPoints(w.token, w.base(), unit)
		w.must("control points", err)
		w.is("control points", after, points)
	}

	failed, _ := ep11cmds.CreateRandomWK(w.token, w.base(), units[source], aliceKeys, aliceSkis, aliceTokens)
	w.must("random key", failed)
	made, err := ep11cmds.QueryDomainInfo(w.token, w.base(), units[source])
	w.must("domain information", err)
	pattern := hex.EncodeToString(made.CurrentMKVP)
	w.is("state of the source", made.CurrentMKStatus, ep11cmds.CMK_STATUS_VALID)

	var parts []string
	transfer := func() {
		encrypted := exported(w, units[source], units[target], signers{alice}, signers{alice, bob})
		w.must("import", ep11cmds.ImportWK(w.token, w.base(), units[target], encrypted, aliceKeys, aliceSkis, aliceTokens))
		parts = l.whole(pattern)
		l.loaded(target, parts, pattern)
	}
	transfer()
	w.must("clear new", ep11cmds.ClearPendingWK(w.token, w.base(), units[target], aliceKeys, aliceSkis, aliceTokens))
	l.next(target, clearNew, nil, nil)
	transfer()
	w.must("commit", ep11cmds.CommitPendingWK(w.token, w.base(), units[target], bothKeys, bothSkis, bothTokens))
	l.committed(target, parts, pattern)
	w.must("finalize", ep11cmds.FinalizeWK(w.token, w.base(), units[target], aliceKeys, aliceSkis, aliceTokens))
	l.activated(target, pattern)
	same, err := ep11cmds.QueryDomainInfo(w.token, w.base(), units[target])
	w.must("domain information", err)
	w.is("pattern of the target", hex.EncodeToString(same.CurrentMKVP), pattern)

	w.must("clear current", ep11cmds.ClearCurrentWK(w.token, w.base(), units[target], aliceKeys, aliceSkis, aliceTokens))
	l.next(target, clearCurrent, nil, nil)
	_, _, err = ep11cmds.Generate2048RSAImporterKey(w.token, w.base(), units[target], aliceKeys, aliceSkis, aliceTokens)
	w.must("RSA importer key", err)
	for _, at := range []int{target, source} {
		w.must("zeroize", ep11cmds.ZeroizeDomain(w.token, w.base(), units[at], aliceKeys, aliceSkis, aliceTokens))
		l.zeroized(at)
	}
	l.end()
}

type signers []signer

// exported is the source's key, encrypted for an importer key of the target: its recipient information.
func exported(w *walk, source, target common.DomainEntry, one, all signers) [][]byte {
	keys, skis, tokens := signing(one...)
	public, _, err := ep11cmds.GenerateP521ECImporterKey(w.token, w.base(), target, keys, skis, tokens)
	w.must("importer key", err)
	keys, skis, tokens = signing(all...)
	parameters := ep11cmds.ExportWKParameterFile(ep11cmds.KPHCert(public))
	bytes, err := ep11cmds.ExportWK(w.token, w.base(), source, parameters, keys, skis, tokens)
	w.must("export", err)
	var parts common.ParameterMap
	parts, err = parts.Load(bytes)
	w.must("exported parameters", err)
	return [][]byte{parts.GetDataUsingIndex(common.PMTAG_ENCR_KEY_PART, 0)}
}

// Control points (administration protocol, section 6.7): one that is never set, one that is not set at delivery.
const (
	skipKeyTests = 15
	fipsOf2021   = 68
)

// unknownRoot: the published module verifies chains, and knows nobody but the manufacturer.
func unknownRoot(w *walk) {
	_, err := tkesdk.Query(w.common())
	w.saying("Query", err, "Unrecognized IBM root key in OA certificate chain.")
	ledgerOf(w).end()
}
