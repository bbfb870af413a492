// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks that the files can only be opened from the host's namespaces.
 *
 *	namespaces FILE...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

/* Opens @path in a child with new namespaces. Returns 0 or the child's errno. */
static int open_within(int namespaces, uid_t uid, const char *path)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (unshare(namespaces))
			_exit(255);
		/* A new pid namespace applies to children only. */
		pid = fork();
		if (pid) {
			waitpid(pid, &status, 0);
			_exit(WEXITSTATUS(status));
		}
		if (uid && (setgroups(0, NULL) || setresgid(uid, uid, uid) ||
			    setresuid(uid, uid, uid)))
			_exit(255);
		_exit(open(path, O_RDONLY) < 0 ? errno : 0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		const char *path = argv[i];

		tap(open_within(0, 0, path) == 0, "%s opens on the host", path);
		tap(open_within(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC, 0, path) == 0,
		    "%s opens in new mount, network and IPC namespaces", path);
		tap(open_within(CLONE_NEWPID, 0, path) == EPERM,
		    "%s is refused in a pid namespace, even with all capabilities", path);
		tap(open_within(CLONE_NEWUSER, 0, path) == EPERM,
		    "%s is refused in a user namespace", path);
		tap(open_within(CLONE_NEWUSER | CLONE_NEWPID, 0, path) != 0,
		    "%s is refused in a user and a pid namespace", path);
		tap(open_within(0, 65534, path) == EACCES,
		    "%s is refused to a user that is neither root nor in its group",
		    path);
	}
	return tap_end();
}
