module hpcs-emulator/tests/clients/grep11-published

go 1.19

require github.com/IBM-Cloud/hpcs-grep11-go v1.2.2
