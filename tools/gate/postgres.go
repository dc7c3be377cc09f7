package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// settings of the private cluster. It syncs like a real one, for the tests kill it and ask what is still there.
// It listens on nothing but a socket in a folder that only its owner and root enter, which is why it may trust.
const settings = `
listen_addresses = ''
unix_socket_directories = '%s'
max_connections = 200
fsync = on
full_page_writes = on
synchronous_commit = on
`

// withPostgres starts a fresh PostgreSQL, calls do with a superuser's URL, and removes every trace of it.
func withPostgres(ctx context.Context, do func(url string) error) (err error) {
	dir, err := os.MkdirTemp("", "sanad-pg-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	who, err := owner(dir)
	if err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	pg := func(ctx context.Context, name string, args ...string) error {
		cmd := exec.CommandContext(ctx, pgBin(name), args...)
		cmd.Dir, cmd.Env, cmd.SysProcAttr = dir, append(os.Environ(), "TZ=UTC"), who
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
		}
		return nil
	}
	// A linguistic collation, as most installations have: a query that quietly leans on byte order shows here.
	err = pg(ctx, "initdb", "--pgdata="+data, "--username=postgres", "--auth=trust", "--encoding=UTF8",
		"--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en", "--no-sync")
	if err != nil {
		return err
	}
	err = appendTo(filepath.Join(data, "postgresql.conf"), fmt.Sprintf(settings, dir))
	if err != nil {
		return err
	}
	log := filepath.Join(dir, "log")
	err = pg(ctx, "pg_ctl", "--pgdata="+data, "--log="+log, "--wait", "start")
	if err != nil {
		text, _ := os.ReadFile(log) // the log only helps to explain an error that is already there
		return fmt.Errorf("%w\n%s", err, text)
	}
	defer func() {
		// ctx may have ended, which is why we are here; stopping must work all the same.
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		err = errors.Join(err, pg(stopping, "pg_ctl", "--pgdata="+data, "--mode=immediate", "--wait", "stop"))
	}()
	return do("postgres://postgres@/postgres?host=" + url.QueryEscape(dir))
}

// owner gives dir to whoever shall run the server, which refuses to run as root, and returns how to become them.
func owner(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() != 0 {
		return attr, nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, int(uid), int(gid))
}

func appendTo(path, text string) (err error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.WriteString(text)
	return err
}
