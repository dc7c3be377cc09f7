// Command sanad is the working system of an authority that holds online platforms to account. All it does is in
// sanad/internal/app.
package main

import (
	"context"
	"crypto/rand"
	"os"
	"os/signal"
	"syscall"
	"time"

	"sanad/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // whoever asks a second time need not wait for an orderly end
	code := app.Main{}.Run(ctx, os.Args[1:], app.Env{
		Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: time.Now, Dice: rand.Reader,
	})
	stop()
	os.Exit(code)
}
