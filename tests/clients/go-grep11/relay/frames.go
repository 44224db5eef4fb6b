package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// connection reads both directions of an HTTP/2 connection as they go by.
type connection struct {
	record  *record
	lock    sync.Mutex
	calls   map[uint32]*call
	preface []byte
	sent    *direction
	came    *direction
}

func newConnection(record *record) *connection {
	c := &connection{record: record, calls: map[uint32]*call{}, preface: []byte(http2.ClientPreface)}
	c.sent = newDirection(c.begun)
	c.came = newDirection(c.ended)
	return c
}

// request takes what the client sent.
func (c *connection) request(chunk []byte) error {
	begins := len(c.preface)
	if begins > len(chunk) {
		begins = len(chunk)
	}
	if !bytes.Equal(chunk[:begins], c.preface[:begins]) {
		return fmt.Errorf("the client does not speak HTTP/2 without TLS")
	}
	c.preface = c.preface[begins:]
	return c.sent.take(chunk[begins:])
}

// answer takes what the server sent.
func (c *connection) answer(chunk []byte) error {
	return c.came.take(chunk)
}

func (c *connection) begun(stream uint32, fields map[string]string) {
	if path, is := fields[":path"]; is {
		one := c.record.begin(path)
		c.lock.Lock()
		defer c.lock.Unlock()
		c.calls[stream] = one
	}
}

func (c *connection) ended(stream uint32, fields map[string]string) {
	c.lock.Lock()
	one := c.calls[stream]
	c.lock.Unlock()
	if status, is := fields["grpc-status"]; is && one != nil {
		c.record.answer(one, status)
	}
}

// direction is what one side sends: whole frames, and the compression of its headers.
type direction struct {
	waiting bytes.Buffer
	framer  *http2.Framer
	headers *hpack.Decoder
	fields  map[string]string
	told    func(stream uint32, fields map[string]string)
}

func newDirection(told func(uint32, map[string]string)) *direction {
	d := &direction{fields: map[string]string{}, told: told}
	d.framer = http2.NewFramer(nil, &d.waiting)
	d.framer.AllowIllegalReads = true
	d.headers = hpack.NewDecoder(smallestTable, func(field hpack.HeaderField) { d.fields[field.Name] = field.Value })
	d.headers.SetAllowedMaxDynamicTableSize(largestTable)
	return d
}

// take reads the frames that are whole; the rest waits for more.
func (d *direction) take(chunk []byte) error {
	d.waiting.Write(chunk)
	for d.isWhole() {
		frame, err := d.framer.ReadFrame()
		if err != nil {
			return err
		}
		switch frame := frame.(type) {
		case *http2.HeadersFrame:
			err = d.block(frame.StreamID, frame.HeaderBlockFragment(), frame.HeadersEnded())
		case *http2.ContinuationFrame:
			err = d.block(frame.StreamID, frame.HeaderBlockFragment(), frame.HeadersEnded())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// isWhole says whether a frame is there to its end: the framer takes nothing less.
func (d *direction) isWhole() bool {
	bytes := d.waiting.Bytes()
	if len(bytes) < frameHead {
		return false
	}
	length := binary.BigEndian.Uint32(append([]byte{0}, bytes[:3]...))
	return len(bytes)-frameHead >= int(length)
}

func (d *direction) block(stream uint32, fragment []byte, ended bool) error {
	if _, err := d.headers.Write(fragment); err != nil || !ended {
		return err
	}
	if err := d.headers.Close(); err != nil {
		return err
	}
	fields := d.fields
	d.fields = map[string]string{}
	d.told(stream, fields)
	return nil
}

const (
	frameHead     = 9
	smallestTable = 4096
	largestTable  = 1 << 20
)
