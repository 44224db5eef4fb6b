package main

import (
	"fmt"
	"io"
	"sync"
)

// record holds the calls of all connections.
type record struct {
	lock  sync.Mutex
	calls []*call
	first error
}

// call is one call; without a status it had no answer.
type call struct {
	path, status string
}

func (r *record) begin(path string) *call {
	r.lock.Lock()
	defer r.lock.Unlock()
	one := &call{path: path, status: "-"}
	r.calls = append(r.calls, one)
	return one
}

func (r *record) answer(one *call, status string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	one.status = status
}

// fault keeps the first error; the bytes go on.
func (r *record) fault(err error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.first == nil {
		r.first = err
	}
}

// tell writes the calls, unless something went by that was not understood.
func (r *record) tell(out io.Writer) error {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.first != nil {
		return r.first
	}
	for _, one := range r.calls {
		if _, err := fmt.Fprintf(out, "%s\t%s\n", one.path, one.status); err != nil {
			return err
		}
	}
	return nil
}
