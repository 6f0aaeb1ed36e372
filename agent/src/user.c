/*
 * user.c - Users and groups of the guest, from its own files
 *
 * Own parsers, as a static binary cannot load the guest's name services and should not.
 * The rules are those of `docker run --user`: a number is an id, whatever is named like it; of two
 * entries the first counts; an empty user is root, an empty group none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "start.h"

#define SIZE_MAX_FILE	(4 << 20)
#define FIELDS		7
#define SUPPLEMENTARY	64	/* as in struct identity */

/**
 * file_read() - Read a whole file
 * @path:	File; anything but a regular file counts as empty
 *
 * Return: terminated text for free(), NULL if there is no memory
 */
static char *file_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	size_t len = 0, size;
	char *text;

	if (fd < 0)
		return strdup("");
	size = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ?
	       st.st_size < SIZE_MAX_FILE ? (size_t)st.st_size : SIZE_MAX_FILE : 0;
	text = malloc(size + 1);
	while (text && len < size) {
		ssize_t n = read(fd, text + len, size - len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	if (text)
		text[len] = '\0';
	close(fd);
	return text;
}

/**
 * next_line() - Cut the next line into its fields, in place
 * @at:		Position in the text, moved on
 * @field:	Set; missing fields are ""
 *
 * Return: false at the end
 */
static bool next_line(char **at, char *field[FIELDS])
{
	char *p = *at;
	int i;

	if (!*p)
		return false;
	*at = p + strcspn(p, "\n");
	if (**at)
		*(*at)++ = '\0';
	for (i = 0; i < FIELDS; i++) {
		field[i] = p;
		p += strcspn(p, ":");
		if (*p)
			*p++ = '\0';
	}
	return true;
}

/**
 * number() - Read a decimal id
 * @s:		Text
 * @value:	Set on success
 *
 * Return: true if all of @s is an id
 */
static bool number(const char *s, uint32_t *value)
{
	uint64_t v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		v = v * 10 + (uint64_t)(*s - '0');
		if (v >= UINT32_MAX)	/* -1 means "leave" to setresuid(2) */
			return false;
	}
	*value = (uint32_t)v;
	return true;
}

/**
 * in_list() - Is a name in a comma-separated list?
 */
static bool in_list(const char *list, const char *name)
{
	size_t n = strlen(name);

	while (*list) {
		size_t m = strcspn(list, ",");

		if (n && m == n && !memcmp(list, name, n))
			return true;
		list += m + (list[m] == ',');
	}
	return false;
}

/**
 * is_wanted() - Is an entry the one that is looked for?
 * @wanted:	Name or number
 * @f:		Fields of the entry
 */
static bool is_wanted(const char *wanted, char *const f[FIELDS])
{
	uint32_t id, its;

	return number(wanted, &id) ? number(f[2], &its) && its == id : !strcmp(f[0], wanted);
}

/**
 * find_user() - Look a user up in /etc/passwd
 * @wanted:	Name or number
 * @who:	uid, gid and home are set
 * @name:	Set to the name, "" if it is a number without entry; 64 bytes
 *
 * Return: 0, ENOENT or ENOMEM
 */
static int find_user(const char *wanted, struct identity *who, char *name)
{
	char *text = file_read("/etc/passwd"), *at = text, *f[FIELDS];
	uint32_t id = 0, uid, gid;
	bool found = false;

	if (!text)
		return ENOMEM;
	while (!found && next_line(&at, f)) {
		if (!number(f[2], &uid) || !number(f[3], &gid) || !is_wanted(wanted, f))
			continue;
		found = true;
		who->uid = uid;
		who->gid = gid;
		strncpy(who->home, f[5], sizeof(who->home) - 1);
		strncpy(name, f[0], 63);
	}
	free(text);
	if (found)
		return 0;
	if (!number(wanted, &id))
		return ENOENT;
	who->uid = id;
	who->gid = 0;
	return 0;
}

/**
 * find_groups() - Look groups up in /etc/group
 * @wanted:	Name or number of one, which becomes the only one; NULL: those of @user
 * @user:	User's name, "" for none
 * @who:	gid and groups are set
 *
 * Return: 0, ENOENT or ENOMEM
 */
static int find_groups(const char *wanted, const char *user, struct identity *who)
{
	char *text = file_read("/etc/group"), *at = text, *f[FIELDS];
	uint32_t gid;
	bool found = false;

	if (!text)
		return ENOMEM;
	if (wanted && number(wanted, &gid)) {
		who->gid = gid;
		found = true;
	}
	while (!found && next_line(&at, f)) {
		if (!number(f[2], &gid))
			continue;
		if (wanted && is_wanted(wanted, f)) {
			who->gid = gid;
			found = true;
		} else if (!wanted && in_list(f[3], user) && gid != who->gid &&
			   who->group_count < SUPPLEMENTARY) {
			who->groups[who->group_count++] = gid;
		}
	}
	free(text);
	if (who->group_count < SUPPLEMENTARY)
		who->groups[who->group_count++] = who->gid;
	return !wanted || found ? 0 : ENOENT;
}

/**
 * user_find() - Find out who a process is to be
 * @spec:	[NAME|UID][:[GROUP|GID]]; without a user the agent's own, which in a guest is root
 * @who:	Set
 * @missing:	Set on failure: the part of @spec that there is not
 *
 * Return: 0, ENOENT if there is no such user or group, ENOMEM
 */
int user_find(const char *spec, struct identity *who, const char **missing)
{
	char user[256] = "", name[64] = "", own[16];
	const char *group = strchr(spec, ':');
	size_t n = strcspn(spec, ":");
	int error;

	memset(who, 0, sizeof(*who));
	group = group && group[1] ? group + 1 : NULL;
	*missing = spec;
	if (n >= sizeof(user))
		return ENOENT;
	memcpy(user, spec, n);
	if (!n) {
		unsigned int uid = geteuid(), i = sizeof(own) - 1;

		own[i] = '\0';
		do
			own[--i] = (char)('0' + uid % 10);
		while (uid /= 10);
		memmove(user, own + i, sizeof(own) - i);
	}
	error = find_user(user, who, name);
	if (!error) {
		if (group)
			*missing = group;
		error = find_groups(group, name, who);
	}
	if (!*who->home)
		strcpy(who->home, "/");
	who->change = geteuid() == 0 ||
		      (*spec && (who->uid != geteuid() || who->gid != getegid()));
	return error;
}
