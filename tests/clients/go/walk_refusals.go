package main

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/IBM/ibm-hpcs-tke-sdk/common"
	"github.com/IBM/ibm-hpcs-tke-sdk/ep11cmds"
	"github.com/IBM/ibm-hpcs-tke-sdk/tkesdk"
)

// Texts of refusals (workflows, section 2.4).
const (
	badCounter       = "Invalid transaction counter."
	inImprint        = "Operation not allowed in imprint mode."
	fewSignatures    = "Not enough signatures were provided on the command."
	strangeSigner    = "An unauthorized administrator signed the command."
	wrongSignature   = "One or more signatures provided with the command is invalid."
	highSignature    = "Invalid value.  You may not set the signature threshold to a number greater than the number of installed administrators."
	highRevocation   = "Invalid value.  You may not set the revocation signature threshold to a number greater than the number of installed administrators."
	wrongPattern     = "Commit failed.  The supplied verification pattern of the new master key does not match the verification pattern of the key in the register.  This error will occur if the master keys being committed in a domain group are not all the same."
	adminThere       = "An administrator could not be added because it already exists on the target."
	adminsFull       = "An administrator could not be added because the maximum supported number of administrators already exists on the target."
	otherIncarnation = "The domain specified for the command is invalid."
	badRequest       = "Bad Request"
)

// submitted sends a request that was built by hand and gives what the crypto unit makes of it; the answer's signature is
// verified.
func (w *walk) submitted(unit common.DomainEntry, request string) error {
	answer, err := common.SubmitHTPRequest(
		common.CreatePostHsmsRequest(w.token, w.base(), w.instance, unit.Hsm_id, request))
	w.must("POST", err)
	_, err = ep11cmds.ImportWKResponse(answer, unit)
	return err
}

// again sends a captured request once more.
func (w *walk) again(one sent, unit common.DomainEntry) error {
	request, err := http.NewRequest(one.method, one.url, strings.NewReader(one.body))
	w.must("again", err)
	request.Header.Set("Authorization", w.token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	w.must("again", err)
	defer answer.Body.Close()
	bytes, err := io.ReadAll(answer.Body)
	w.must("again", err)
	w.is("status", answer.StatusCode, 200)
	var response struct {
		Response string `json:"response"`
	}
	w.must("again", json.Unmarshal(bytes, &response))
	_, err = ep11cmds.ImportWKResponse(response.Response, unit)
	return err
}

func replay(w *walk) {
	alice := newSigner(w, "alice")
	l, unit := ledgerOf(w), w.proven()[0]
	mark := w.wire.mark()
	w.update(config(1, 1, alice))
	pattern := w.configured(1, 1, alice)
	l.updated(1, 1, skisOf(alice), pattern)
	all := w.wire.since(mark)
	both := object{"signatureThreshold": 1, "revocationSignatureThreshold": 1}
	w.refused("thresholds again", w.again(commandsOf(all, setAttributes)[0], unit), 163, 19)
	l.refused(0, thresholdSet, 400, badRequest, badCounter, both)
	w.refused("commit again", w.again(commandsOf(all, commitPending)[0], unit), 163, 19)
	l.refused(0, commit, 400, badRequest, badCounter, object{"verificationPattern": pattern})

	mark = w.wire.mark()
	w.zeroize(config(1, 1, alice))
	for at := range l.units {
		l.zeroized(at)
	}
	w.refused("zeroize again", w.again(commandsOf(w.wire.since(mark), zeroizeDomain)[0], unit), 3, 14)
	l.refused(0, reset, 400, badRequest, otherIncarnation, object{})
	l.end()
	w.delivered()
}

func refusalsImprint(w *walk) {
	alice := newSigner(w, "alice")
	keys, skis, tokens := signing(alice)
	l, units := ledgerOf(w), w.proven()
	certificate, err := tkesdk.CreateAdminCertFromFile(alice.Key, alice.ski, alice.Token, alice.Name)
	w.must("certificate", err)
	w.must("add", ep11cmds.AddDomainAdmin(w.token, w.base(), units[0], certificate, nil, nil, nil))
	l.added(0, alice.ski)
	_, _, err = ep11cmds.GenerateP521ECImporterKey(w.token, w.base(), units[0], keys, skis, tokens)
	w.refused("importer key", err, 179, 34)
	err = ep11cmds.ImportWK(w.token, w.base(), units[0], [][]byte{{0x30, 0x00}}, keys, skis, tokens)
	w.refused("import", err, 179, 34)
	l.refused(0, load, 400, badRequest, inImprint, nil)

	// Two certificates; the answer to the third query is a refusal that the module has signed.
	for index := uint32(0); index < 2; index++ {
		_, err = ep11cmds.QueryDeviceCertificate(w.token, w.base(), units[0], index)
		w.must("certificate", err)
	}
	_, err = ep11cmds.QueryDeviceCertificate(w.token, w.base(), units[0], 2)
	w.refused("the certificate behind the last", err, 96, 60)
	l.end()
}

func refusals(w *walk) {
	alice, bob, stranger := newSigner(w, "alice"), newRSASigner(w, "bob"), newSigner(w, "stranger")
	aliceKeys, aliceSkis, aliceTokens := signing(alice)
	bothKeys, bothSkis, bothTokens := signing(alice, bob)
	l := ledgerOf(w)
	w.update(config(2, 1, alice, bob))
	pattern := w.configured(2, 1, alice, bob)
	l.updated(2, 1, skisOf(alice, bob), pattern)
	units := w.proven()
	operational, recovery := units[0], units[2]

	// Permissions of an operational unit (12.7, line 10). Neither command has a documented event.
	err, _ := ep11cmds.CreateRandomWK(w.token, w.base(), operational, aliceKeys, aliceSkis, aliceTokens)
	w.refused("random key", err, 80, 52)
	public, _, err := ep11cmds.GenerateP521ECImporterKey(w.token, w.base(), recovery, aliceKeys, aliceSkis, aliceTokens)
	w.must("importer key", err)
	parameters := ep11cmds.ExportWKParameterFile(ep11cmds.KPHCert(public))
	_, err = ep11cmds.ExportWK(w.token, w.base(), operational, parameters, bothKeys, bothSkis, bothTokens)
	w.refused("export", err, 80, 131)
	l.end()

	// Signatures (line 11).
	both := object{"signatureThreshold": 2, "revocationSignatureThreshold": 1}
	set := func(signature, revocation int, signers ...signer) error {
		keys, skis, tokens := signing(signers...)
		return tkesdk.SetDomainAttributes(w.token, w.base(), operational, signature, revocation, keys, skis, tokens)
	}
	w.refused("one signature of two", set(2, 1, alice), 208, 21)
	l.refused(0, thresholdSet, 400, badRequest, fewSignatures, both)
	w.refused("a stranger signs", set(2, 1, alice, stranger), 257, 33)
	l.refused(0, thresholdSet, 400, badRequest, strangeSigner, both)
	for _, last := range []signer{alice, bob} {
		first := bob
		if last == bob {
			first = alice
		}
		keys, skis, tokens := signing(first, last)
		attributes, _, err := ep11cmds.QueryDomainAttributes(w.token, w.base(), operational)
		w.must("attributes", err)
		request, err := ep11cmds.SetDomainAttributesReq(w.token, w.base(), operational, attributes, keys, skis, tokens)
		w.must("request", err)
		w.refused("a bit of "+last.Name+"'s signature is flipped", w.submitted(operational, flipped(request)), 192, 22)
		l.refused(0, thresholdSet, 400, badRequest, wrongSignature, both)
	}

	// Thresholds above the number of administrators (line 12).
	w.refused("signature threshold 3", set(3, 1, alice, bob), 209, 57)
	l.refused(0, thresholdSet, 400, badRequest, highSignature,
		object{"signatureThreshold": 3, "revocationSignatureThreshold": 1})
	w.refused("revocation threshold 3", set(2, 3, alice, bob), 209, 58)
	l.refused(0, thresholdSet, 400, badRequest, highRevocation,
		object{"signatureThreshold": 2, "revocationSignatureThreshold": 3})

	// A pattern that is not the register's (line 13).
	w.must("clear current", ep11cmds.ClearCurrentWK(w.token, w.base(), operational, aliceKeys, aliceSkis, aliceTokens))
	l.next(0, clearCurrent, nil, nil)
	l.units[0].hasKey = false
	parts := exported(w, recovery, operational, signers{alice}, signers{alice, bob})
	w.must("import", ep11cmds.ImportWK(w.token, w.base(), operational, parts, aliceKeys, aliceSkis, aliceTokens))
	l.loaded(0, l.whole(pattern), pattern)
	other, err := hex.DecodeString(pattern)
	w.must("pattern", err)
	other[0] ^= 1
	request, err := ep11cmds.CommitPendingWKReq(w.token, w.base(), operational, other, bothKeys, bothSkis, bothTokens)
	w.must("request", err)
	w.refused("commit of another pattern", w.submitted(operational, request), 101, 48)
	l.refused(0, commit, 400, badRequest, wrongPattern, object{"verificationPattern": hex.EncodeToString(other)})

	// What was refused changed nothing, and what is half done does not hinder the next Update.
	w.must("clear new", ep11cmds.ClearPendingWK(w.token, w.base(), operational, aliceKeys, aliceSkis, aliceTokens))
	l.next(0, clearNew, nil, nil)
	w.update(config(2, 1, alice, bob))
	l.updated(2, 1, skisOf(alice, bob), pattern)
	l.end()
	w.is("pattern", w.configured(2, 1, alice, bob), pattern)
}

// flipped changes the last bit of a request: the end of the last signature.
func flipped(request string) string {
	last := len(request) - 1
	digit, err := hex.DecodeString("0" + request[last:])
	if err != nil {
		return request
	}
	return request[:last] + strings.ToUpper(hex.EncodeToString([]byte{digit[0] ^ 1}))[1:]
}

func administratorsFull(w *walk) {
	l, unit := ledgerOf(w), w.proven()[0]
	add := func(one signer) error {
		certificate, err := tkesdk.CreateAdminCertFromFile(one.Key, one.ski, one.Token, one.Name)
		w.must("certificate", err)
		return ep11cmds.AddDomainAdmin(w.token, w.base(), unit, certificate, nil, nil, nil)
	}
	for number := 1; number <= 8; number++ {
		one := newSigner(w, "administrator "+itoa(number))
		w.must("add", add(one))
		l.added(0, one.ski)
		if number == 1 {
			w.refused("the same again", add(one), 256, 38)
			l.refused(0, adminAdd, 400, badRequest, adminThere, object{"adminId": one.ski})
		}
	}
	ninth := newSigner(w, "administrator 9")
	w.refused("the ninth", add(ninth), 261, 39)
	l.refused(0, adminAdd, 400, badRequest, adminsFull, object{"adminId": ninth.ski})
	l.end()
	installed, err := ep11cmds.QueryDomainAdmins(w.token, w.base(), unit)
	w.must("administrators", err)
	w.is("administrators", len(installed), 8)
}
