// Walkthroughs of Trusted Key Entry by the published Go SDK, as section 12 of the administration protocol describes them.
//
//	walkthroughs list          one a line: name, way in, section, title; separated by tabs
//	walkthroughs run NAME      one of them, against the emulator that the environment names
//	walkthroughs bench         Update of a fresh instance of five crypto units; prints its wall time in microseconds
//
// The SDK finds the emulator by HTTPS_PROXY and SSL_CERT_FILE and by nothing else. It reads them once a process: a process
// walks one way. The harness's own requests go past the proxy, to HPCS_WALK_EMULATOR.
//
// Layout: walk.go is what walkthroughs share; emulator.go the emulator's own interface; wire.go what the SDK sends;
// keys.go signature keys; tke.go, service.go other programs; ledger.go the events that must come. The walkthroughs are in
// the files walk_*.go, the table below names them all.
package main

import (
	"fmt"
	"os"
)

// Where the SDK's trust root comes from.
const (
	// published: the module as the proxy serves it. It believes in the manufacturer's roots alone.
	published = "published"
	// rooted: the same module, its root constants replaced by those of the emulator.
	rooted = "rooted"
)

type walkthrough struct {
	name, way, section, title string
	run                       func(*walk)
}

var walkthroughs = []walkthrough{
	{"commands", published, "12.1", "the exported command functions: inventory, administrators, transfer of a master key", commands},
	{"unknown-root", published, "9.6", "Query refuses a chain that ends at a root it does not know", unknownRoot},
	{"transport", published, "1.2", "401, 403, 404, another region's host and hosts that are not the cloud's, as the SDK shows them", transport},
	{"query-fresh", rooted, "12.2 12.7/1 12.7/7", "Query of five fresh crypto units on two modules, requests counted", queryFresh},
	{"acceptance", rooted, "12.4-12.6 12.7/2-5", "initialise, third administrator, remove it, lower the thresholds, zeroize with one key", acceptance},
	{"replay", rooted, "12.7/6", "captured commands are sent again", replay},
	{"refusals-imprint", rooted, "12.7/9 12.7/14", "what imprint mode forbids; the certificate behind the last", refusalsImprint},
	{"refusals", rooted, "12.7/10-13", "permissions, signatures, thresholds and patterns that do not fit", refusals},
	{"administrators-full", rooted, "12.7/15", "eight administrators; the ninth, and the same one twice", administratorsFull},
	{"keys-of-tke", rooted, "12.7/8 10.1", "signature key files that tke made", keysOfTke},
	{"signing-service", rooted, "12.7/8 1.6", "administrators whose keys a signing service keeps", signingService},
	{"case-b", rooted, "12.4 B", "revocation threshold lowered first", caseB},
	{"case-c", rooted, "12.4 C", "administrators added before others are removed", caseC},
	{"thresholds", rooted, "12.4 A", "thresholds up to 3/3 and down to 1/1", thresholds},
	{"leftovers", rooted, "12.4/3", "administrators in imprint mode are zeroized away before the instance is initialised", leftovers},
	{"inputs", rooted, "12.3/0", "inputs that CheckTransition refuses before it asks anybody", inputs},
	{"transitions", rooted, "12.3/3", "states that CheckTransition refuses, each with its text", transitions},
	{"cex5", rooted, "9.4", "modules of generation CEX5: query, initialise, zeroize", generation("CEX5")},
	{"cex6", rooted, "9.3", "modules of generation CEX6: query, initialise, zeroize", generation("CEX6")},
	{"cex7", rooted, "9.3", "modules of generation CEX7: query, initialise, zeroize", generation("CEX7")},
	{"cex8", rooted, "9.5", "modules of generation CEX8: query, initialise, zeroize", generation("CEX8")},
	{"token-expires", rooted, "12.4", "the token expires between two commands of one ceremony; signed in again, it is finished", tokenExpires},
	{"shared-sdk-first", rooted, "12.6", "the SDK initialises; tke compares, changes thresholds and zeroizes", sharedSdkFirst},
	{"shared-tke-first", rooted, "12.6", "tke initialises; the SDK queries, changes thresholds and zeroizes", sharedTkeFirst},
}

func main() {
	arguments := os.Args[1:]
	switch {
	case len(arguments) == 1 && arguments[0] == "list":
		for _, one := range walkthroughs {
			fmt.Printf("%s\t%s\t%s\t%s\n", one.name, one.way, one.section, one.title)
		}
	case len(arguments) == 1 && arguments[0] == "bench":
		os.Exit(walked(bench))
	case len(arguments) == 2 && arguments[0] == "run":
		for _, one := range walkthroughs {
			if one.name == arguments[1] {
				os.Exit(walked(one.run))
			}
		}
		fmt.Fprintf(os.Stderr, "there is no walkthrough %q\n", arguments[1])
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "usage: walkthroughs list | run NAME | bench")
		os.Exit(2)
	}
}
