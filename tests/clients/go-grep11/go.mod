module hpcs-emulator/tests/clients/grep11

go 1.19

require (
	golang.org/x/net v0.0.0-20201021035429-f5854403a974
	google.golang.org/grpc v1.34.0
	google.golang.org/protobuf v1.25.0
)

require (
	github.com/golang/protobuf v1.4.2 // indirect
	golang.org/x/sys v0.0.0-20200930185726-fdedc70b468f // indirect
	golang.org/x/text v0.3.3 // indirect
	google.golang.org/genproto v0.0.0-20200526211855-cb27e3aa2013 // indirect
)
