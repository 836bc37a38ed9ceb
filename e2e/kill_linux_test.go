package e2e_test

import "syscall"

// endWithParent lets no child outlive a test process that is killed.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
