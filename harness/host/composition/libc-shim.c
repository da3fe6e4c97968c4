/*
 * Functions that newer C and C++ libraries have and older ones lack, by means of those that all have. Each is compiled only
 * where a library that is brought into a root asks for it. Nothing is included: the names would be taken.
 */

#ifdef NEED___isoc23_strtol
extern long strtol(const char *text, char **end, int base);

/* C23 also knows 0b1, which libicu never reads. */
long
__isoc23_strtol(const char *text, char **end, int base)
{
	return strtol(text, end, base);
}
#endif

#ifdef NEED___isoc23_strtoul
extern unsigned long strtoul(const char *text, char **end, int base);

unsigned long
__isoc23_strtoul(const char *text, char **end, int base)
{
	return strtoul(text, end, base);
}
#endif

#ifdef NEED_stat
extern int	__xstat(int version, const char *path, void *result);

/* Before glibc 2.33 a macro; 1 is what it passes on x86-64. */
int
stat(const char *path, void *result)
{
	return __xstat(1, path, result);
}
#endif

#ifdef NEED___cxa_call_terminate
extern void abort(void) __attribute__((noreturn));

/* An exception where none may be: the end of the process, with no words from C++. */
void
__cxa_call_terminate(void *exception)
{
	(void) exception;
	abort();
}
#endif
