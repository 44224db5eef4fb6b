// Package published names the examples that IBM publishes for GREP11, so that go.mod and go.sum fix their versions.
package published

import _ "github.com/IBM-Cloud/hpcs-grep11-go/examples"
