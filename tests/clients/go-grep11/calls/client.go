// Package calls is a GREP11 client of the emulator's own, in the manner of published ones: the same library, the same four
// variables. It shows that what runs clients tells passes, skips and refusals apart, and that clients get here.
package calls

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/emptypb"
)

// client is a connection to GREP11_ADDRESS: without TLS and token when GREP11_LOCAL is set.
type client struct {
	connection *grpc.ClientConn
}

func connected() client {
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{})),
		grpc.WithPerRPCCredentials(token{}),
	}
	if _, local := os.LookupEnv("GREP11_LOCAL"); local {
		options = []grpc.DialOption{grpc.WithInsecure(), grpc.WithBlock()}
	}
	connection, err := grpc.Dial(os.Getenv("GREP11_ADDRESS"), options...)
	if err != nil {
		panic(err)
	}
	return client{connection}
}

func (c client) close() {
	c.connection.Close()
}

// call sends these fields and gives those of the answer.
func (c client) call(method string, sent fields) (fields, error) {
	// A message without fields keeps those that it does not know, and sends them.
	request, answer := &emptypb.Empty{}, &emptypb.Empty{}
	request.ProtoReflect().SetUnknown([]byte(sent))
	err := c.connection.Invoke(context.Background(), "/grep11.Crypto/"+method, request, answer)
	return fields(answer.ProtoReflect().GetUnknown()), err
}

// must is call where a refusal is a failure.
func (c client) must(method string, sent fields) fields {
	answer, err := c.call(method, sent)
	if err != nil {
		panic(fmt.Errorf("%s: %w", method, err))
	}
	return answer
}

// fields are those of a message, encoded.
type fields []byte

func (f fields) number(field protowire.Number, value uint64) fields {
	return protowire.AppendVarint(protowire.AppendTag(f, field, protowire.VarintType), value)
}

func (f fields) bytes(field protowire.Number, value []byte) fields {
	return protowire.AppendBytes(protowire.AppendTag(f, field, protowire.BytesType), value)
}

// read gives the content of a field: its bytes, or its number encoded.
func (f fields) read(wanted protowire.Number) []byte {
	for rest := []byte(f); len(rest) > 0; {
		number, kind, head := protowire.ConsumeTag(rest)
		if head < 0 {
			panic(protowire.ParseError(head))
		}
		length := protowire.ConsumeFieldValue(number, kind, rest[head:])
		if length < 0 {
			panic(protowire.ParseError(length))
		}
		value := rest[head : head+length]
		if number == wanted {
			if kind == protowire.BytesType {
				value, _ = protowire.ConsumeBytes(value)
			}
			return value
		}
		rest = rest[head+length:]
	}
	return nil
}

// token signs in with GREP11_APIKEY at GREP11_IAMENDPOINT, anew for every call.
type token struct{}

func (token) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	form := url.Values{"grant_type": {"urn:ibm:params:oauth:grant-type:apikey"}, "apikey": {os.Getenv("GREP11_APIKEY")}}
	answer, err := http.PostForm(os.Getenv("GREP11_IAMENDPOINT")+"/identity/token", form)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var given struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&given); err != nil {
		return nil, err
	}
	return map[string]string{"authorization": "Bearer " + given.Token}, nil
}

func (token) RequireTransportSecurity() bool {
	return true
}
