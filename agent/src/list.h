/*
 * list.h - Doubly linked lists whose nodes are part of the members
 */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A list's head, or a member's node in it */
struct list {
	struct list *prev, *next;
};

#define LIST_EMPTY(name)	{ &(name), &(name) }
#define MEMBER(ptr, type, field) ((type *)(void *)((char *)(ptr) - offsetof(type, field)))

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

/* A node that is in no list points to itself, so it can be removed again */
static inline void list_init(struct list *node)
{
	node->prev = node->next = node;
}

static inline void list_add(struct list *head, struct list *node)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

#endif
