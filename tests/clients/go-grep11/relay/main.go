// Relay stands between a gRPC client and a server, passes every byte on as it is, and tells which calls went by.
//
//	relay ADDRESS
//
// The first line that it prints is the address where it listens. When its standard input ends, it prints a line for each
// call, in the order in which they began: path, tab, gRPC status ("-" when there was none).
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync"
)

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: relay ADDRESS"))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err)
	}
	fmt.Println(listener.Addr())
	record := &record{}
	var open connections
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			open.add(client)
			go func() {
				defer open.done(client)
				pass(client, os.Args[1], record)
			}()
		}
	}()
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		fail(err)
	}
	listener.Close()
	<-accepted
	open.end()
	if err := record.tell(os.Stdout); err != nil {
		fail(err)
	}
}

// pass relays one connection until either side has closed it.
func pass(client net.Conn, address string, record *record) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		record.fault(err)
		return
	}
	defer server.Close()
	connection := newConnection(record)
	var both sync.WaitGroup
	both.Add(2)
	forward := func(from, to net.Conn, seen func([]byte) error) {
		defer both.Done()
		// Whoever waits for the other direction learns that this one has ended.
		defer to.Close()
		defer from.Close()
		chunk := make([]byte, 64*1024)
		for {
			count, err := from.Read(chunk)
			// What is told has to be known before the other side can answer it: the order of calls depends on it.
			if fault := seen(chunk[:count]); fault != nil {
				record.fault(fault)
			}
			if _, failed := to.Write(chunk[:count]); err != nil || failed != nil {
				return
			}
		}
	}
	go forward(client, server, connection.request)
	go forward(server, client, connection.answer)
	both.Wait()
}

// connections are the clients' that are open.
type connections struct {
	lock    sync.Mutex
	running sync.WaitGroup
	open    map[net.Conn]bool
}

func (c *connections) add(client net.Conn) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.open == nil {
		c.open = map[net.Conn]bool{}
	}
	c.open[client] = true
	c.running.Add(1)
}

func (c *connections) done(client net.Conn) {
	c.lock.Lock()
	defer c.lock.Unlock()
	delete(c.open, client)
	c.running.Done()
}

// end closes those that are left and waits until all that came by is known.
func (c *connections) end() {
	c.lock.Lock()
	for client := range c.open {
		client.Close()
	}
	c.lock.Unlock()
	c.running.Wait()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "relay:", err)
	os.Exit(1)
}
