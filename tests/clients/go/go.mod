module hpcs-emulator/tests/clients

go 1.19

require github.com/IBM/ibm-hpcs-tke-sdk v0.0.0-20250305134146-e023c2e84762

require (
	github.com/Logicalis/asn1 v0.0.0-20190312173541-d60463189a56 // indirect
	golang.org/x/crypto v0.0.0-20210711020723-a769d52b0f97 // indirect
)
