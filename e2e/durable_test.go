package e2e

import (
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
	"testing"
	"time"
)

// refusesToServe wants serve to say which setting could lose an act, and what to do, and to have left nothing.
func refusesToServe(t *testing.T, db, setting string) {
	t.Helper()
	code, out, errs := run(t, serveArgs(t.TempDir(), db)...)
	if code != 2 || out != "" || !strings.Contains(errs, setting+" is off") || !strings.Contains(errs, "set it on") {
		t.Errorf("exit %d %q %q, want a refusal of %s", code, out, errs, setting)
	}
}

func serves(t *testing.T, db string) {
	t.Helper()
	dir := t.TempDir()
	s := serve(t, dir, db)
	mustPost(t, s.public, "durable")
	s.stop()
	verify(t, dir, db, logKey(t, dir))
}

// synchronous_commit can be switched off for a database, a role or a connection; each is refused.
func TestRefusesLossyCommit(t *testing.T) {
	t.Parallel()
	db := freshPostgres(t)
	refusesToServe(t, pgWith(t, db, "", map[string]string{"options": "-c synchronous_commit=off"}), "synchronous_commit")
	refusesToServe(t, pgWith(t, db, "", map[string]string{"synchronous_commit": "off"}), "synchronous_commit")
	admin := open(t, "", db)
	u, err := url.Parse(db)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	role := name + "_r"
	exec1(t, admin, "CREATE ROLE "+role+" LOGIN SUPERUSER")
	t.Cleanup(func() {
		again := open(t, "", os.Getenv("SANAD_TEST_PG"))
		_, _ = again.ExecContext(t.Context(), "DROP ROLE IF EXISTS "+role)
	})
	exec1(t, admin, "ALTER ROLE "+role+" SET synchronous_commit = off")
	u.User = url.User(role)
	refusesToServe(t, u.String(), "synchronous_commit")
	exec1(t, admin, "ALTER ROLE "+role+" RESET synchronous_commit")
	exec1(t, admin, "ALTER DATABASE "+name+" SET synchronous_commit = off")
	refusesToServe(t, db, "synchronous_commit")
	exec1(t, admin, "ALTER DATABASE "+name+" RESET synchronous_commit")
	if n := count(t, admin, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"); n != 0 {
		t.Errorf("a refused server left %d tables", n)
	}
	serves(t, db)
	exec1(t, admin, "DROP OWNED BY "+role)
	exec1(t, admin, "DROP ROLE "+role)
}

// fsync and full_page_writes belong to the whole server, so it takes one of the test's own.
func TestRefusesLossyServer(t *testing.T) {
	t.Parallel()
	db := lossyPostgres(t)
	refusesToServe(t, db, "fsync")
	admin := open(t, "", db)
	set := func(name, value string) {
		exec1(t, admin, "ALTER SYSTEM SET "+name+" = "+value)
		exec1(t, admin, "SELECT pg_reload_conf()")
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			var got string
			err := admin.QueryRowContext(t.Context(), "SHOW "+name).Scan(&got)
			if err == nil && got == value {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s is %s: %v", name, got, err)
			}
		}
	}
	set("fsync", "on")
	set("full_page_writes", "off")
	refusesToServe(t, db, "full_page_writes")
	set("full_page_writes", "on")
	serves(t, db)
}

// lossyPostgres starts a server with fsync off on a socket in a folder of its own.
func lossyPostgres(t *testing.T) string {
	t.Helper()
	tool := func(name string) string {
		path, err := exec.LookPath(name)
		if err == nil {
			return path
		}
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
		if len(found) == 0 {
			t.Skip("missing: postgresql")
		}
		return found[len(found)-1]
	}
	initdb, pgctl := tool("initdb"), tool("pg_ctl")
	dir, err := os.MkdirTemp("", "sanad-pg-") // a short path: a socket's has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	as, err := ownerOf(dir)
	if err != nil {
		t.Skipf("missing: a user who may run postgresql (%v)", err)
	}
	data := filepath.Join(dir, "data")
	do := func(name string, args ...string) error {
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.SysProcAttr = dir, as
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", name, err, out)
		}
		return nil
	}
	err = do(initdb, "--pgdata="+data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	if err == nil {
		err = appendTo(filepath.Join(data, "postgresql.conf"), "listen_addresses = ''\nunix_socket_directories = '"+dir+"'\nfsync = off\n")
	}
	if err == nil {
		err = do(pgctl, "--pgdata="+data, "--log="+filepath.Join(dir, "log"), "--wait", "start")
	}
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log")) // only to explain
		t.Fatalf("%v\n%s", err, log)
	}
	t.Cleanup(func() { _ = do(pgctl, "--pgdata="+data, "--mode=immediate", "--wait", "stop") })
	return "postgres://postgres@/postgres?host=" + url.QueryEscape(dir)
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// ownerOf gives a folder to whoever shall run PostgreSQL, which refuses to run as root, and returns how to become them.
func ownerOf(dir string) (*syscall.SysProcAttr, error) {
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
	uid, uerr := strconv.ParseUint(who.Uid, 10, 32)
	gid, gerr := strconv.ParseUint(who.Gid, 10, 32)
	err = errors.Join(uerr, gerr)
	if err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, int(uid), int(gid))
}
