package main

import (
	"github.com/IBM/ibm-hpcs-tke-sdk/common"
	"github.com/IBM/ibm-hpcs-tke-sdk/ep11cmds"
	"github.com/IBM/ibm-hpcs-tke-sdk/tkesdk"
)

const (
	advice401 = "\nYour access token is invalid, expired, or does not have the necessary permissions to access this instance."
	advice404 = "\nThe service instance or crypto unit could not be found."

	// What events say of a token (events, section 3.5).
	invalidToken = "Your access token is invalid or does not have the necessary permissions to perform this task."
)

// transport: failures below the crypto units, as the SDK shows them.
func transport(w *walk) {
	list := func(token, region, instance string) error {
		base, err := common.GetBaseURL("cloud.ibm.com", region)
		w.must("base URL", err)
		_, _, _, _, err = common.SubmitQueryDomainsRequest(common.CreateGetHsmsRequest(token, base, instance))
		return err
	}
	l, unit := ledgerOf(w), w.listed()[0]
	const querying, sending = "Error querying crypto units.", "Error sending HTPRequest to target service instance."

	for _, token := range []string{"", "Bearer ", "Bearer nonsense", w.token + "x"} {
		w.showing("GET with the token "+token, list(token, "us-south", w.instance), querying, 401, advice401)
	}
	w.must("a token without its prefix", list(w.token[len("Bearer "):], "us-south", w.instance))
	w.showing("another region's host", list(w.token, "eu-de", w.instance), querying, 404, advice404)
	w.showing("no such instance", list(w.token, "us-south", "00000000-0000-4000-8000-000000000000"), querying, 404, advice404)

	reader := "Bearer " + signedIn(w, readerKey)
	w.showing("a reader lists", list(reader, "us-south", w.instance), querying, 403, "")
	_, err := ep11cmds.QueryDomainAdmins(reader, w.base(), unit)
	w.showing("a reader queries", err, sending, 403, "")
	request, err := ep11cmds.ZeroizeDomainReq(w.token, w.base(), unit, nil, nil, nil)
	w.must("request", err)
	_, err = common.SubmitHTPRequest(common.CreatePostHsmsRequest(reader, w.base(), w.instance, unit.Hsm_id, request))
	w.showing("a reader zeroizes", err, sending, 403, "")
	l.refused(0, reset, 403, "Forbidden", invalidToken, object{})
	_, err = common.SubmitHTPRequest(common.CreatePostHsmsRequest("Bearer nonsense", w.base(), w.instance, unit.Hsm_id, request))
	w.showing("a stranger zeroizes", err, sending, 401, advice401)
	l.refused(0, reset, 401, "Unauthorized", invalidToken, object{})

	other := unit
	other.Hsm_id = "00000000-0000-4000-8000-000000000000"
	_, err = ep11cmds.QueryDomainAdmins(w.token, w.base(), other)
	w.showing("no such crypto unit", err, sending, 404, advice404)
	l.end()

	// Update does not tell that its Query failed; it goes on with what it has read.
	stranger := w.common()
	stranger.AuthToken = "Bearer nonsense"
	problems, err := tkesdk.Update(stranger, config(1, 1, newSigner(w, "a")))
	w.must("Update", err)
	w.is("problems of a stranger's Update", problems, []string{"The service instance does not contain any recovery crypto units."})
	l.end()

	_, err = tkesdk.Query(tkesdk.CommonInputs{Region: "us-south", ApiEndpoint: "example.com", AuthToken: w.token, InstanceId: w.instance})
	w.saying("another API endpoint", err, "Invalid API endpoint")
	_, _, _, _, err = common.SubmitQueryDomainsRequest(common.CreateGetHsmsRequest(w.token, "https://tke.example.com", w.instance))
	w.saying("a host that is not the cloud's", err, querying+"\nMessage: Get \"https://tke.example.com/v1/tke/")
	for _, endpoint := range []string{"test.cloud.ibm.com", "https://private.cloud.ibm.com", "private.test.cloud.ibm.com"} {
		base, err := common.GetBaseURL(endpoint, "us-south")
		w.must("base URL", err)
		_, _, _, _, err = common.SubmitQueryDomainsRequest(common.CreateGetHsmsRequest(w.token, base, w.instance))
		w.must("GET at "+base, err)
	}
}

// showing compares an error with heading, status and advice.
func (w *walk) showing(what string, err error, heading string, status int, advice string) {
	if err == nil {
		w.failf("%s: it was not refused", what)
	}
	shown := err.Error()
	w.saying(what, err, heading+"\nStatus code: "+itoa(status)+"\nMessage: ")
	if !contains(shown, advice) || (advice == "" && (contains(shown, advice401) || contains(shown, advice404))) {
		w.failf("%s: other advice than %q in %q", what, advice, shown)
	}
}
