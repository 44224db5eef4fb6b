package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"

	"github.com/IBM/ibm-hpcs-tke-sdk/common"
	"github.com/IBM/ibm-hpcs-tke-sdk/tkesdk"
)

// signer is an administrator of whom the SDK has name, key and password, and the tests the identifier.
type signer struct {
	tkesdk.AdminInfo
	ski string
}

// config is what an instance should be like.
func config(signature, revocation int, signers ...signer) tkesdk.HsmConfig {
	admins := []tkesdk.AdminInfo{}
	for _, one := range signers {
		admins = append(admins, one.AdminInfo)
	}
	return tkesdk.HsmConfig{SignatureThreshold: signature, RevocationThreshold: revocation, Admins: admins}
}

// signing gives keys, identifiers and passwords as the command functions take them.
func signing(signers ...signer) (keys, skis, tokens []string) {
	keys, skis, tokens = []string{}, []string{}, []string{}
	for _, one := range signers {
		keys, skis, tokens = append(keys, one.Key), append(skis, one.ski), append(tokens, one.Token)
	}
	return
}

func skisOf(signers ...signer) []string {
	_, skis, _ := signing(signers...)
	return skis
}

// captured are the three key files in testdata: P-521, RSA 2048, P-521; the real SDK has used them.
func captured(w *walk) (first, second, third signer) {
	directory := variable("HPCS_WALK_TESTDATA")
	return existing(w, "admin1", filepath.Join(directory, "1.sigkey"), "pw"),
		existing(w, "admin2", filepath.Join(directory, "2.sigkey"), "pw"),
		existing(w, "admin3", filepath.Join(directory, "3.sigkey"), "pw")
}

// existing is the signer of a key file that is there.
func existing(w *walk, name, path, password string) signer {
	ski, err := tkesdk.GetSigKeySKI(path, password)
	w.must(path, err)
	return signer{tkesdk.AdminInfo{Name: name, Key: path, Token: password}, ski}
}

// newSigner makes a P-521 key and writes its file.
func newSigner(w *walk, name string) signer {
	one, _ := newSignerAndScalar(w, name)
	return one
}

// newSignerAndScalar gives the private key besides, 132 digits.
func newSignerAndScalar(w *walk, name string) (signer, string) {
	key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	w.must("P-521 key", err)
	der, err := x509.MarshalECPrivateKey(key)
	w.must("P-521 key", err)
	scalar := hex.EncodeToString(key.D.FillBytes(make([]byte, 66)))
	return written(w, name, "p521ec", der, common.CalculateECKeyHash(key.PublicKey)), scalar
}

// newRSASigner makes an RSA key of 2048 bits and writes its file.
func newRSASigner(w *walk, name string) signer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	w.must("RSA key", err)
	ski, err := common.CalculateRSAKeyHash(key.PublicKey)
	w.must("RSA key", err)
	return written(w, name, "", x509.MarshalPKCS1PrivateKey(key), ski)
}

// written writes a signature key file (administration protocol, section 10.1).
func written(w *walk, name, kind string, der, ski []byte) signer {
	password := "password of " + name
	wrapping, salt := common.Derive_aes_key(password, "")
	sealed, err := common.Encrypt(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), wrapping)
	w.must("key file", err)
	file := map[string]string{
		"name": name, "seaSalt": hex.EncodeToString(salt), "enckey": hex.EncodeToString(sealed), "ski": hex.EncodeToString(ski),
	}
	if kind != "" {
		file["keyType"] = kind
	}
	bytes, err := json.Marshal(file)
	w.must("key file", err)
	path := filepath.Join(w.files, name+".sigkey")
	w.must("key file", os.WriteFile(path, bytes, 0o600))
	return existing(w, name, path, password)
}
