package main

import (
	"bytes"
	"encoding/asn1"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Function words of requests (administration protocol, section 4.1) and administrative commands (section 5).
const (
	getXcpInfo = 38
	mAdmin     = 41

	addAdministrator = 0x00000002
	removeAdmin      = 0x00000004
	setAttributes    = 0x00000008
	commitPending    = 0x0000000D
	zeroizeDomain    = 0x00000010
	queryCertificate = 0x00010003
)

// wire sees every request to Trusted Key Entry. The SDK uses http.DefaultTransport; this stands around it.
type wire struct {
	next http.RoundTripper
	mu   sync.Mutex
	sent []sent
	// before is called ahead of each request.
	before func(sent)
}

// sent is a request as it went out.
type sent struct {
	method, url, body string
	// Of an HTP string: the function word, the administrative command, and how many signatures it bears.
	function, command uint32
	signatures        int
}

func tapped() *wire {
	tap := &wire{next: http.DefaultTransport}
	http.DefaultTransport = tap
	return tap
}

func (t *wire) RoundTrip(request *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(request.URL.Host, "tke.") {
		return t.next.RoundTrip(request)
	}
	one := sent{method: request.Method, url: request.URL.String()}
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
		one.body = string(body)
		one.read()
	}
	t.mu.Lock()
	t.sent = append(t.sent, one)
	before := t.before
	t.mu.Unlock()
	if before != nil {
		before(one)
	}
	return t.next.RoundTrip(request)
}

// since are the requests after a mark; mark says how many there were.
func (t *wire) mark() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.sent)
}

func (t *wire) since(mark int) []sent {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]sent(nil), t.sent[mark:]...)
}

// counted are requests by what they are: GET, m_admin, get_xcp_info.
func counted(all []sent) map[string]int {
	counts := map[string]int{}
	for _, one := range all {
		switch {
		case one.method == "GET":
			counts["GET"]++
		case one.function == mAdmin:
			counts["m_admin"]++
		case one.function == getXcpInfo:
			counts["get_xcp_info"]++
		default:
			counts["unknown"]++
		}
	}
	return counts
}

// commandsOf are the administrative commands with this number.
func commandsOf(all []sent, command uint32) []sent {
	var found []sent
	for _, one := range all {
		if one.function == mAdmin && one.command == command {
			found = append(found, one)
		}
	}
	return found
}

// read takes the HTP string in the body apart; what cannot be read stays 0.
func (s *sent) read() {
	var asked struct {
		Request string `json:"request"`
	}
	if json.Unmarshal([]byte(s.body), &asked) != nil {
		return
	}
	fields := strings.Split(asked.Request, ";")
	if len(fields) != 6 {
		return
	}
	frame, err := hex.DecodeString(fields[5])
	if err != nil || len(frame) < cprbSize {
		return
	}
	elements := sequence(frame[cprbSize:])
	if len(elements) < 3 {
		return
	}
	s.function = word(elements[0]) & 0xFFFF
	if s.function != mAdmin || len(elements) != 4 {
		return
	}
	if block := sequence(elements[2]); len(block) == 5 {
		s.command = word(block[0])
	}
	for rest := elements[3]; len(rest) > 0; s.signatures++ {
		var signer asn1.RawValue
		if rest, err = asn1.Unmarshal(rest, &signer); err != nil {
			return
		}
	}
}

// sequence gives the contents of the elements of a SEQUENCE.
func sequence(der []byte) [][]byte {
	var outer asn1.RawValue
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return nil
	}
	var elements [][]byte
	for rest := outer.Bytes; len(rest) > 0; {
		var element asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &element); err != nil {
			return nil
		}
		elements = append(elements, element.Bytes)
	}
	return elements
}

func word(bytes []byte) uint32 {
	if len(bytes) != 4 {
		return 0
	}
	return binary.BigEndian.Uint32(bytes)
}

// Bytes of a CPRB in front of the message.
const cprbSize = 32
