package devstack

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is who runs Postgres, which refuses to run as root.
type account struct {
	name     string
	uid, gid int
	// drop says that we are root and the child must become this account.
	drop bool
}

func postgresAccount() (account, error) {
	if uid := os.Geteuid(); uid != 0 {
		u, err := user.LookupId(strconv.Itoa(uid))
		if err != nil {
			return account{}, fmt.Errorf("user id %d has no entry in the password file, and initdb needs one: give a server by DATABASE_URL, "+
				"or run as a known user", uid)
		}
		return account{name: u.Username, uid: uid, gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return account{}, fmt.Errorf("account %s: %w", name, err)
		}
		return account{name: name, uid: uid, gid: gid, drop: true}, nil
	}
	return account{}, errors.New("Postgres refuses to run as root, and there is no account postgres or nobody to run it: make one, run " +
		"as a normal user, or give a server by DATABASE_URL")
}

// attributes makes a child run as the account.
func (a account) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{}
	if a.drop {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attr
}

// canEnter says whether the account may enter dir, all its parents included: a
// child that tries it is the only honest answer.
func (a account) canEnter(dir string) bool {
	cmd := exec.Command("/bin/sh", "-c", ":")
	cmd.Dir = dir
	cmd.Env = childEnv()
	cmd.SysProcAttr = a.attributes()
	return cmd.Run() == nil
}

// own makes dir, and gives it to the account alone.
func (a account) own(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if !a.drop {
		return os.Chmod(dir, 0o700)
	}
	return errors.Join(os.Chown(dir, a.uid, a.gid), os.Chmod(dir, 0o700))
}

// childEnv is the environment of Postgres: nothing of ours, since PGDATA,
// PGOPTIONS and the like would change what we start.
func childEnv() []string {
	env := []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
	for _, name := range []string{"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if v := os.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}
