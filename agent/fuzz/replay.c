/*
 * replay.c - Runs a fuzz target on the inputs that were kept, where there is no fuzzer
 *
 * Usage: replay FILE|DIRECTORY ...
 */
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void __sanitizer_set_death_callback(void (*callback)(void));

static int replayed;
static const char *under_way = "";

/* What ended us said no more than where */
static void tell(void)
{
	fprintf(stderr, "by the input %s\n", under_way);
}

static void aborted(int signal)
{
	(void)signal;
	tell();
	_exit(1);
}

static void replay(const char *path)
{
	static uint8_t data[1 << 20];
	FILE *in = fopen(path, "r");
	size_t n;

	if (!in) {
		perror(path);
		exit(1);
	}
	n = fread(data, 1, sizeof(data), in);
	fclose(in);
	under_way = path;
	LLVMFuzzerTestOneInput(data, n);
	replayed++;
}

static void replay_all(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	char file[4096];

	while (dir && (d = readdir(dir))) {
		if (*d->d_name == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, d->d_name);
		replay(file);
	}
	if (dir)
		closedir(dir);
}

int main(int argc, char **argv)
{
	struct stat st;
	int i;

	signal(SIGABRT, aborted);
	__sanitizer_set_death_callback(tell);
	for (i = 1; i < argc; i++) {
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			replay_all(argv[i]);
		else
			replay(argv[i]);
	}
	printf("ok   %d inputs of %s\n", replayed, argv[0]);
	return !replayed;
}
