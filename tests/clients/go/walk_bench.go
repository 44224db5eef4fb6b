package main

import (
	"fmt"
	"time"
)

// bench: Update of a fresh instance of five crypto units; making the instance and signing in are outside the time.
func bench(w *walk) {
	w.create(fiveOnTwo())
	first, second, _ := captured(w)
	begun := time.Now()
	w.update(config(2, 1, first, second))
	fmt.Println(time.Since(begun).Microseconds())
}
