/*
 * The system calls that a walredo process may make once it answers requests: its input is WAL of a tenant, so a record
 * that subverts redo must find nothing to call. Anything else traps: the handler names the call and exits with 1.
 *
 * A build with -DREDOUBT_SECCOMP_OMIT=NR leaves out the call of that number; the harness's tests use it to show that a
 * bundle whose libc needs more than its list allows is caught.
 */
#include "walredo.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define THIS_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the reference walredo knows the system calls of x86-64 and arm64"
#endif

/* Allowed, each with its reason. */
static const int allowed[] = {
	__NR_read,					/* requests */
	__NR_write,					/* pages; messages on standard error */
	__NR_brk,					/* malloc, for records larger than any before */
	__NR_exit_group,			/* the end */
	__NR_getpid,				/* proc_exit() makes sure that it is not in a child */
	__NR_clock_gettime,			/* only where the vDSO cannot answer (some virtual machines) */
	__NR_gettimeofday,			/* the same */
	__NR_rt_sigreturn,			/* return from a signal handler */
	__NR_rt_sigprocmask,		/* this and the next two: abort(), by which a PANIC ends */
	__NR_gettid,
	__NR_tgkill,
};

/*
 * Refused without a trap: malloc tries mmap when brk has no more to give, and must see that memory is out.
 */
static const int out_of_memory[] = {__NR_mmap};

#define INSTRUCTIONS_BEFORE 4
#define INSTRUCTIONS_PER_CALL 2
#define MOST_INSTRUCTIONS \
	(INSTRUCTIONS_BEFORE + INSTRUCTIONS_PER_CALL * (lengthof(allowed) + lengthof(out_of_memory)) + 1)

static void
print(const char *text, size_t length)
{
	ssize_t		put = write(STDERR_FILENO, text, length);

	(void) put;
}

/* Only async-signal-safe calls, and only allowed ones. */
static void
on_bad_system_call(int signal_number, siginfo_t *info, void *context)
{
	static const char line[] = "---------------------------------------\n";
	static const char words[] = "seccomp: bad syscall ";
	char		digits[16];
	size_t		at = sizeof(digits);
	unsigned int number = (unsigned int) info->si_syscall;

	digits[--at] = '\n';
	do
	{
		digits[--at] = (char) ('0' + number % 10);
		number /= 10;
	} while (number > 0);

	print(line, sizeof(line) - 1);
	print(words, sizeof(words) - 1);
	print(digits + at, sizeof(digits) - at);
	print(line, sizeof(line) - 1);
	_exit(1);
}

/* A PANIC has said on standard error what is wrong before it aborts. */
static void
on_abort(int signal_number)
{
	_exit(1);
}

static void
handle_signal(int signal_number, const struct sigaction *action)
{
	if (sigaction(signal_number, action, NULL) != 0)
		ereport(FATAL, (errmsg("walredo: could not set a signal handler: %m")));
}

static int
add_calls(struct sock_filter *program, int at, const int *calls, int count, uint32 verdict)
{
	for (int i = 0; i < count; i++)
	{
#ifdef REDOUBT_SECCOMP_OMIT
		if (calls[i] == REDOUBT_SECCOMP_OMIT)
			continue;
#endif
		program[at++] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32) calls[i], 0, 1);
		program[at++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, verdict);
	}
	return at;
}

/* Enters the allow-list for good; FATAL if the kernel refuses. */
void
walredo_enter_seccomp(void)
{
	struct sock_filter program[MOST_INSTRUCTIONS];
	struct sock_fprog filter = {.filter = program};
	struct sigaction bad_call = {.sa_sigaction = on_bad_system_call, .sa_flags = SA_SIGINFO};
	struct sigaction aborted = {.sa_handler = on_abort};
	int			at = 0;

	handle_signal(SIGSYS, &bad_call);
	handle_signal(SIGABRT, &aborted);

	program[at++] = (struct sock_filter)
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	program[at++] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, THIS_ARCHITECTURE, 1, 0);
	program[at++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	program[at++] = (struct sock_filter)
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	at = add_calls(program, at, allowed, lengthof(allowed), SECCOMP_RET_ALLOW);
	at = add_calls(program, at, out_of_memory, lengthof(out_of_memory), SECCOMP_RET_ERRNO | ENOMEM);
	program[at++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);

	filter.len = (unsigned short) at;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0)
		ereport(FATAL, (errmsg("walredo: could not enter seccomp: %m")));
}
