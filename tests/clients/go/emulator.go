package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// The documented API keys of the emulator.
const (
	managerKey = "hpcs-emulator-manager-key"
	readerKey  = "hpcs-emulator-reader-key"
)

// emulator is what the emulator can do and the cloud cannot: instances, events, the clock.
type emulator struct {
	address string
}

// event is what is compared of an event.
type event struct {
	Action   string `json:"action"`
	Outcome  string `json:"outcome"`
	Severity string `json:"severity"`
	Target   struct {
		Name    string `json:"name"`
		TypeURI string `json:"typeURI"`
	} `json:"target"`
	Reason struct {
		Code int    `json:"reasonCode"`
		Type string `json:"reasonType"`
		Why  string `json:"reasonForFailure"`
	} `json:"reason"`
	RequestData  object `json:"requestData"`
	ResponseData object `json:"responseData"`
}

// signedIn exchanges an API key for a token where clients of the cloud do it.
func signedIn(w *walk, apiKey string) string {
	form := url.Values{"grant_type": {"urn:ibm:params:oauth:grant-type:apikey"}, "apikey": {apiKey}}
	answer, err := http.PostForm("https://iam.cloud.ibm.com/identity/token", form)
	w.must("token", err)
	return tokenOf(w, answer)
}

// token is a token for the harness, past the proxy.
func (e emulator) token(w *walk) string {
	form := url.Values{"grant_type": {"urn:ibm:params:oauth:grant-type:apikey"}, "apikey": {managerKey}}
	answer, err := http.PostForm(e.address+"/identity/token", form)
	w.must("token", err)
	return tokenOf(w, answer)
}

func tokenOf(w *walk, answer *http.Response) string {
	defer answer.Body.Close()
	var token struct {
		Access string `json:"access_token"`
	}
	w.must("token", json.NewDecoder(answer.Body).Decode(&token))
	w.is("status of the token", answer.StatusCode, 200)
	return token.Access
}

// ask sends a request as the manager, with a token of its own: the clock may have ended the last one.
func (e emulator) ask(w *walk, method, path string, body interface{}) []byte {
	var content io.Reader
	if body != nil {
		content = bytes.NewReader([]byte(text(w, body)))
	}
	request, err := http.NewRequest(method, e.address+path, content)
	w.must(path, err)
	request.Header.Set("authorization", "Bearer "+e.token(w))
	if body != nil {
		request.Header.Set("content-type", "application/json")
	}
	answer, err := http.DefaultClient.Do(request)
	w.must(path, err)
	defer answer.Body.Close()
	found, err := io.ReadAll(answer.Body)
	w.must(path, err)
	if answer.StatusCode/100 != 2 {
		w.failf("%s %s: %s %s", method, path, answer.Status, found)
	}
	return found
}

// firstInstance is the one that every emulator has.
func (e emulator) firstInstance(w *walk) string {
	var list struct {
		Instances []struct {
			ID string `json:"id"`
		} `json:"instances"`
	}
	w.must("instances", json.Unmarshal(e.ask(w, "GET", "/_emulator/instances", nil), &list))
	return list.Instances[0].ID
}

func (e emulator) create(w *walk, document object) string {
	var made struct {
		ID string `json:"id"`
	}
	w.must("instance", json.Unmarshal(e.ask(w, "POST", "/_emulator/instances", document), &made))
	return made.ID
}

// shift moves the clock.
func (e emulator) shift(w *walk, by string) {
	e.ask(w, "PUT", "/_emulator/clock", object{"shift": by})
}

// events of an instance, all of them.
func (e emulator) events(w *walk, instance string) []event {
	var events []event
	for _, line := range strings.Split(string(e.ask(w, "GET", "/_emulator/events?instance="+instance, nil)), "\n") {
		if line == "" {
			continue
		}
		var one event
		w.must("event "+line, json.Unmarshal([]byte(line), &one))
		events = append(events, one)
	}
	return events
}
