package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/IBM/ibm-hpcs-tke-sdk/common"
	"github.com/IBM/ibm-hpcs-tke-sdk/ep11cmds"
	"github.com/IBM/ibm-hpcs-tke-sdk/tkesdk"
)

// walk is one walkthrough under way: an emulator, a caller, and an instance.
type walk struct {
	emulator emulator
	wire     *wire
	// files is an empty directory.
	files    string
	token    string
	instance string
	ends     []func()
}

// failure is what a walkthrough stops with.
type failure string

// walked runs a walkthrough and says with which status the process ends. Whatever happens, what it started is ended.
func walked(run func(*walk)) (status int) {
	w := &walk{
		emulator: emulator{address: variable("HPCS_WALK_EMULATOR")},
		wire:     tapped(),
		files:    variable("HPCS_WALK_FILES"),
	}
	defer func() {
		for end := len(w.ends) - 1; end >= 0; end-- {
			w.ends[end]()
		}
	}()
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case failure:
			fmt.Fprintln(os.Stderr, fault)
			status = 1
		default:
			// The SDK gives up in this way; where, is worth knowing.
			panic(fault)
		}
	}()
	w.signIn()
	w.instance = w.emulator.firstInstance(w)
	run(w)
	return 0
}

func variable(name string) string {
	value := os.Getenv(name)
	if value == "" {
		fmt.Fprintf(os.Stderr, "%s is not set: tests/clients/run sets what a walkthrough needs\n", name)
		os.Exit(2)
	}
	return value
}

func (w *walk) failf(format string, values ...interface{}) {
	panic(failure(fmt.Sprintf(format, values...)))
}

func (w *walk) must(doing string, err error) {
	if err != nil {
		w.failf("%s: %v", doing, err)
	}
}

// is compares what there is with what must be, by what both are as JSON.
func (w *walk) is(what string, found, wanted interface{}) {
	if f, g := plain(w, found), plain(w, wanted); !reflect.DeepEqual(f, g) {
		w.failf("%s\n  found  %s\n  wanted %s", what, text(w, f), text(w, g))
	}
}

func plain(w *walk, value interface{}) interface{} {
	var back interface{}
	w.must("from JSON", json.Unmarshal([]byte(text(w, value)), &back))
	return back
}

func text(w *walk, value interface{}) string {
	bytes, err := json.Marshal(value)
	w.must("to JSON", err)
	return string(bytes)
}

// saying compares the text of an error with what it must begin with.
func (w *walk) saying(what string, err error, beginning string) {
	if err == nil {
		w.failf("%s: it was not refused; it should be with %q", what, beginning)
	}
	if !strings.HasPrefix(err.Error(), beginning) {
		w.failf("%s\n  found  %q\n  wanted %q", what, err.Error(), beginning)
	}
}

// refused compares the codes of a crypto unit's refusal.
func (w *walk) refused(what string, err error, returnCode, reason int) {
	refusal, is := err.(ep11cmds.VerbError)
	if !is {
		w.failf("%s: no refusal of a crypto unit but %v", what, err)
	}
	w.is(what, []int{refusal.ReturnCode(), refusal.ReasonCode()}, []int{returnCode, reason})
}

// signIn gets a token as a client of the cloud does, through the proxy.
func (w *walk) signIn() {
	w.token = "Bearer " + signedIn(w, managerKey)
}

// inputs of the high-level functions.
func (w *walk) common() tkesdk.CommonInputs {
	return tkesdk.CommonInputs{Region: "us-south", ApiEndpoint: "cloud.ibm.com", AuthToken: w.token, InstanceId: w.instance}
}

func (w *walk) base() string {
	base, err := common.GetBaseURL("cloud.ibm.com", "us-south")
	w.must("base URL", err)
	return base
}

func (w *walk) query() []tkesdk.HsmInfo {
	units, err := tkesdk.Query(w.common())
	w.must("Query", err)
	return units
}

func (w *walk) update(config tkesdk.HsmConfig) {
	problems, err := tkesdk.Update(w.common(), config)
	w.must("Update", err)
	w.is("problems of Update", problems, []string{})
}

func (w *walk) zeroize(config tkesdk.HsmConfig) {
	w.must("Zeroize", tkesdk.Zeroize(w.common(), config))
}

// listed are the crypto units as they are listed, for functions that do not check the signatures of modules.
func (w *walk) listed() []common.DomainEntry {
	request := common.CreateGetHsmsRequest(w.token, w.base(), w.instance)
	ids, locations, serials, kinds, err := common.SubmitQueryDomainsRequest(request)
	w.must("GET hsms", err)
	units := make([]common.DomainEntry, len(ids))
	for i := range ids {
		units[i] = common.DomainEntry{
			Domain_num: i + 1, Hsm_id: ids[i], Crypto_instance_id: w.instance, Location: locations[i],
			Serial_num: serials[i], Public_key: "not available", Type: kinds[i], Selected: true,
		}
	}
	return units
}

// proven are the same with the keys of their modules: every answer's signature is verified.
func (w *walk) proven() []common.DomainEntry {
	units := w.listed()
	for i := range units {
		bytes, err := ep11cmds.QueryDeviceCertificate(w.token, w.base(), units[i], 0)
		w.must("certificate 0", err)
		var certificate ep11cmds.OA2CertificateX
		w.must("certificate 0", certificate.Init(bytes))
		units[i].Public_key = hex.EncodeToString(certificate.SpkiPublicKey)
	}
	return units
}

// create makes an instance and makes it the walkthrough's.
func (w *walk) create(document object) {
	w.instance = w.emulator.create(w, document)
}

// fiveOnTwo are three operational crypto units on one module and two recovery units on another: nowhere in the regions'
// layout do two modules carry five, so the document names places and modules.
func fiveOnTwo() object {
	unit := func(location, serial, instance string) object {
		return object{"location": location, "module": object{"serial": serial, "instance": instance}}
	}
	here := func(location string) object { return unit(location, "93AABC01", "0011223344556677") }
	there := func(location string) object { return unit(location, "93AABC02", "0011223344556678") }
	return object{"region": "us-south", "operational": 3, "recovery": true, "units": []object{
		here("[us-south].[AZ1-CS1].[00].[03]"),
		here("[us-south].[AZ1-CS1].[00].[04]"),
		here("[us-south].[AZ1-CS1].[00].[05]"),
		there("[us-east].[AZ3-CS3].[01].[12]"),
		there("[us-east].[AZ3-CS3].[01].[13]"),
	}}
}

type object = map[string]interface{}
