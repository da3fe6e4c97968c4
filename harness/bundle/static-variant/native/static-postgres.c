/*
 * `postgres` of a static bundle: the reference bundle's launcher and walredo module, linked into the server itself.
 *
 * The linker gives us the server's main() (--wrap=main) and the place where it loads the modules of
 * shared_preload_libraries (--wrap=process_shared_preload_libraries): a static program can load none, so that the one
 * that the launcher names is called there. A starting server also looks for the folder of its modules and reads the
 * abbreviations of time zones. A bundle of two programs has neither, and redo has no use for them
 * (--wrap=get_pkglib_path, --wrap=load_tzoffsets).
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/datetime.h"
#include "utils/tzparser.h"

#undef fprintf
#undef snprintf
#undef vfprintf
#undef strerror

#include "bundle-tree.h"

extern int __real_main(int argc, char **argv);
extern int __wrap_main(int argc, char **argv);
extern void __real_process_shared_preload_libraries(void);
extern void __wrap_process_shared_preload_libraries(void);
extern TimeZoneAbbrevTable *__real_load_tzoffsets(const char *filename);
extern TimeZoneAbbrevTable *__wrap_load_tzoffsets(const char *filename);
extern void __real_get_pkglib_path(const char *my_exec_path, char *ret_path);
extern void __wrap_get_pkglib_path(const char *my_exec_path, char *ret_path);
extern void _PG_init(void);

static bool is_walredo = false;

static void become_walredo_when_told(int argc, char **argv);

/* The launcher's way to become the server: it is that already. */
static void __attribute__((noreturn))
enter_server(const char *program, const char *major_directory, const char *server, int argc, char **argv)
{
	become_walredo_when_told(argc, argv);
	exit(__real_main(argc, argv));
}

/* There is no tree of libraries, locales and time zones to point anything at. */
static void
keep_environment(const char *program, const char *major_directory)
{
}

#define tree_exec enter_server
#define tree_set_environment keep_environment
#define main __wrap_main
#include "postgres-launcher.c"

/* The launcher names its module on the command line. */
static void
become_walredo_when_told(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		is_walredo = is_walredo || strcmp(argv[i], "shared_preload_libraries=" MODULE_NAME) == 0;
}

void
__wrap_process_shared_preload_libraries(void)
{
	if (!is_walredo)
	{
		__real_process_shared_preload_libraries();
		return;
	}
	process_shared_preload_libraries_in_progress = true;
	_PG_init();
	process_shared_preload_libraries_in_progress = false;
}

TimeZoneAbbrevTable *
__wrap_load_tzoffsets(const char *filename)
{
	return is_walredo ? ConvertTimeZoneAbbrevs(NULL, 0) : __real_load_tzoffsets(filename);
}

void
__wrap_get_pkglib_path(const char *my_exec_path, char *ret_path)
{
	if (is_walredo)
		strcpy(ret_path, "/");
	else
		__real_get_pkglib_path(my_exec_path, ret_path);
}
