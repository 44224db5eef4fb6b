package main

import (
	"encoding/hex"
	"strconv"
	"strings"
)

func itoa(number int) string { return strconv.Itoa(number) }

func contains(text, part string) bool { return strings.Contains(text, part) }

func trimmed(text string) string { return strings.TrimSpace(text) }

// member is a text in JSON; nothing when it is anything else.
func member(value interface{}) string {
	text, _ := value.(string)
	return text
}

func hexOf(bytes []byte) string { return hex.EncodeToString(bytes) }

func bytesOf(w *walk, digits string) []byte {
	bytes, err := hex.DecodeString(digits)
	w.must("digits", err)
	return bytes
}
