// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file in /proc: who may open it, and how a walk becomes a seq_file.
 *
 * Reading at offset 0 takes a new walk; reading at any other offset goes on
 * with the one there is. So a text read in pieces, in whatever order, is one
 * text, and a file kept open is sampled again by seeking to its beginning.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "report_file.h"
#include "settings.h"

/* Some 150 processes: fewer system calls than with seq_file's single page. */
#define BUFFER_SIZE (64 * 1024)

struct report_origin report_origin;

static struct proc_dir_entry *entry;

/*
 * The entry also appears in the /proc of every container, where its permission
 * bits mean nothing: root of the container passes them. So it is opened from
 * the host's own pid and user namespaces, or not at all.
 */
static bool caller_is_on_host(void)
{
	return task_active_pid_ns(current) == &init_pid_ns &&
	       current_user_ns() == &init_user_ns;
}

/**
 * report_file_open() - open the file
 * @file: the file
 * @records: how to show it
 * @scope: what to show
 *
 * Return: 0, -EPERM outside the host's namespaces, or -ENOMEM.
 */
int report_file_open(struct file *file, const struct seq_operations *records,
		     enum walk_scope scope)
{
	struct process_walk *walk;
	struct seq_file *m;
	int err;

	if (!caller_is_on_host())
		return -EPERM;

	walk = process_walk_new(scope);
	if (!walk)
		return -ENOMEM;
	err = seq_open(file, records);
	if (err) {
		process_walk_free(walk);
		return err;
	}
	m = file->private_data;
	m->private = walk;
	/* Without it seq_file allocates a page at the first read. */
	m->buf = kvmalloc(BUFFER_SIZE, GFP_KERNEL_ACCOUNT);
	if (m->buf)
		m->size = BUFFER_SIZE;
	return 0;
}

/**
 * report_file_release() - close the file
 * @inode: its inode
 * @file: the file
 *
 * Return: 0.
 */
int report_file_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	process_walk_free(m->private);
	return seq_release(inode, file);
}

/*
 * Also true when the buffer was too small for the head, which is then written
 * anew: nothing of the old one has been seen by anybody.
 */
static bool reading_from_beginning(const struct seq_file *m, loff_t position)
{
	return position == HEAD_POSITION && m->read_pos == 0;
}

/* The position itself is the record; seq_file keeps it in place. */
static void *record_at(const struct process_walk *walk, loff_t *position)
{
	return *position <= report_tail_position(walk) ? position : NULL;
}

/**
 * report_file_start() - seq_file's start: find a record, walking if need be
 * @m: the file, locked by seq_file
 * @position: the record's position
 *
 * Return: the record, NULL past the tail, or -ENOMEM or -EINTR, after which the
 * next read begins anew.
 */
void *report_file_start(struct seq_file *m, loff_t *position)
{
	struct process_walk *walk = m->private;
	int err;

	if (!walk->taken || reading_from_beginning(m, *position)) {
		err = process_walk_take(walk);
		if (err)
			return ERR_PTR(err);
	}
	return record_at(walk, position);
}

/**
 * report_file_next() - seq_file's next
 * @m: the file, locked by seq_file
 * @record: the first of the records just shown
 * @position: its position; moved on behind the last of them
 *
 * Return: the next record, or NULL past the tail.
 */
void *report_file_next(struct seq_file *m, void *record, loff_t *position)
{
	struct process_walk *walk = m->private;

	*position += walk->shown;
	return record_at(walk, position);
}

/**
 * report_file_stop() - seq_file's stop: no lock is held, so none is dropped
 * @m: the file, locked by seq_file
 * @record: unused
 */
void report_file_stop(struct seq_file *m, void *record)
{
}

/**
 * report_file_begin() - write records straight into the buffer of seq_file
 * @m: the file, locked by seq_file
 * @w: the writer; valid until report_file_commit()
 */
void report_file_begin(struct seq_file *m, struct json_writer *w)
{
	char *text;
	size_t size = seq_get_buf(m, &text);

	/* A buffer filled to the last byte is, to seq_file, one which overflowed. */
	json_init(w, text, size ? size - 1 : 0);
}

/**
 * report_file_commit() - hand over the records, or ask for a bigger buffer
 * @m: the file, locked by seq_file
 * @w: the writer
 */
void report_file_commit(struct seq_file *m, const struct json_writer *w)
{
	seq_commit(m, w->full ? -1 : (int)json_used(w));
}

static void draw_load_id(void)
{
	u8 bytes[16];

	get_random_bytes(bytes, sizeof(bytes));
	snprintf(report_origin.load_id, sizeof(report_origin.load_id), "%16phN", bytes);
}

/**
 * report_file_add() - make the file appear
 * @module: name of the module, and first part of the file's
 * @ops: its operations
 *
 * The settings must have been checked.
 *
 * Return: 0 or -ENOMEM.
 */
int report_file_add(const char *module, const struct proc_ops *ops)
{
	char name[64];

	report_origin.module = module;
	draw_load_id();
	snprintf(name, sizeof(name), "%s_%s", module, settings.carnet);
	entry = proc_create(name, settings.mode, NULL, ops);
	if (!entry)
		return -ENOMEM;
	proc_set_user(entry, GLOBAL_ROOT_UID, settings.gid);
	return 0;
}

/**
 * report_file_remove() - make the file disappear
 *
 * Waits for reads under way; a file still open gives -EIO from then on.
 */
void report_file_remove(void)
{
	proc_remove(entry);
}
