package calls

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"testing"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// Example_mechanisms lists the mechanisms and asks for the key sizes of one.
func Example_mechanisms() {
	c := connected()
	defer c.close()
	fmt.Println("SHA-256 is listed:", c.lists(sha256Mechanism))
	info := fields(c.must("GetMechanismInfo", fields{}.number(2, rsaMechanism)).read(3))
	smallest, _ := protowire.ConsumeVarint(info.read(1))
	largest, _ := protowire.ConsumeVarint(info.read(2))
	fmt.Println("RSA keys have", smallest, "to", largest, "bits")

	// Output:
	// SHA-256 is listed: true
	// RSA keys have 512 to 4096 bits
}

// Example_random asks twice for random bytes.
func Example_random() {
	c := connected()
	defer c.close()
	first := c.must("GenerateRandom", fields{}.number(1, 48)).read(1)
	second := c.must("GenerateRandom", fields{}.number(1, 48)).read(1)
	fmt.Println(len(first), len(second), bytes.Equal(first, second))

	// Output:
	// 48 48 false
}

// Example_digest carries a state from call to call.
func Example_digest() {
	c := connected()
	defer c.close()
	parts := [][]byte{bytes.Repeat([]byte("a"), 100), []byte("b")}
	state := c.must("DigestInit", fields{}.bytes(2, fields{}.number(1, sha256Mechanism))).read(1)
	for _, part := range parts {
		state = c.must("DigestUpdate", fields{}.bytes(1, state).bytes(2, part)).read(1)
	}
	digest := c.must("DigestFinal", fields{}.bytes(1, state)).read(2)
	expected := sha256.Sum256(bytes.Join(parts, nil))
	fmt.Println("SHA-256 is as in Go:", bytes.Equal(digest, expected[:]))

	// Output:
	// SHA-256 is as in Go: true
}

// Example_refusal asks for what there is not, and reads why it was refused.
func Example_refusal() {
	c := connected()
	defer c.close()
	_, err := c.call("DigestInit", fields{}.bytes(2, fields{}.number(1, noMechanism)))
	refusal := status.Convert(err).Proto()
	if len(refusal.GetDetails()) != 1 {
		panic(fmt.Errorf("one detail was expected: %w", err))
	}
	detail := refusal.GetDetails()[0]
	code, _ := protowire.ConsumeVarint(fields(detail.GetValue()).read(1))
	fmt.Printf("%s %#x\n", detail.GetTypeUrl(), code)

	// Output:
	// type.googleapis.com/grep11.Grep11Error 0x70
}

// Test_skips needs a mechanism that does not exist.
func Test_skips(t *testing.T) {
	c := connected()
	defer c.close()
	if !c.lists(noMechanism) {
		t.Skip("the mechanism is not listed")
	}
}

func (c client) lists(mechanism uint64) bool {
	for rest := c.must("GetMechanismList", nil).read(2); len(rest) > 0; {
		one, length := protowire.ConsumeVarint(rest)
		if length < 0 {
			panic(protowire.ParseError(length))
		}
		if one == mechanism {
			return true
		}
		rest = rest[length:]
	}
	return false
}

const (
	rsaMechanism    = 0x1
	sha256Mechanism = 0x250
	noMechanism     = 0x7fffffff
)
