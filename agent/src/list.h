/*
 * list.h - Doubly linked lists whose links are part of the members
 */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
	struct link *prev, *next;
};

#define LIST_EMPTY(name)	{ &(name), &(name) }
#define MEMBER(ptr, type, field) ((type *)(void *)((char *)(ptr) - offsetof(type, field)))

static inline bool list_empty(const struct link *head)
{
	return head->next == head;
}

/* A link that is in no list is linked to itself, so it can be removed again */
static inline void list_init(struct link *l)
{
	l->prev = l->next = l;
}

static inline void list_add(struct link *head, struct link *l)
{
	l->prev = head->prev;
	l->next = head;
	head->prev->next = l;
	head->prev = l;
}

static inline void list_remove(struct link *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}

#endif
