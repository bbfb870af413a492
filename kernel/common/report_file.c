// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file in /proc: who may open it, and how a walk is written as a seq_file.
 *
 * A read at offset 0 takes a new walk; a read at any other offset continues with the
 * current one. So the report stays the same when it is read in pieces, in any order,
 * and a reader that keeps the file open gets a new sample by seeking to offset 0.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/pid_namespace.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "../compat/proc_fs.h"
#include "read_gfp.h"
#include "report_file.h"
#include "settings.h"

/* Longest prefix and longest carnet, with some room. */
#define NAME_SIZE 64

/* Holds some 150 processes: fewer system calls than with seq_file's single page. */
#define BUFFER_SIZE (64 * 1024)

/*
 * The seq_file consists of the head, the records of the shape, and the tail. The position
 * is the index among them.
 */
#define HEAD_POSITION 0

/**
 * struct open_report - one open file
 * @shape: how it is written
 * @walk: the current walk
 * @shown: number of records that the last seq_file show() has written
 *
 * Protected by the lock of its seq_file.
 */
struct open_report {
	const struct report_shape *shape;
	struct process_walk *walk;
	size_t shown;
};

/*
 * The file is visible in the /proc of every container, too. Its permission bits do
 * not protect it there, because a container's root passes them. So it can only be
 * opened from the initial pid and user namespaces.
 */
static bool caller_is_on_host(void)
{
	return task_active_pid_ns(current) == &init_pid_ns &&
	       current_user_ns() == &init_user_ns;
}

static loff_t tail_position(const struct open_report *report)
{
	return report->shape->count(report->walk) + 1;
}

/*
 * Also true if seq_file retries because the buffer was too small for the head. A new
 * walk is harmless then, as nothing of the old one has been returned to the reader.
 */
static bool is_at_start_of_file(const struct seq_file *m, loff_t position)
{
	return position == HEAD_POSITION && m->read_pos == 0;
}

/* The record is the position itself, which seq_file keeps; NULL past the end. */
static void *record_at(const struct open_report *report, loff_t *position)
{
	return *position <= tail_position(report) ? position : NULL;
}

/* Takes a new walk if needed. If that fails, the next read tries again. */
static void *records_start(struct seq_file *m, loff_t *position)
{
	struct open_report *report = m->private;
	int err;

	if (!report->walk->complete || is_at_start_of_file(m, *position)) {
		err = process_walk_take(report->walk);
		if (err)
			return ERR_PTR(err);
	}
	return record_at(report, position);
}

/* Advances by the number of records that records_show() has written. */
static void *records_next(struct seq_file *m, void *record, loff_t *position)
{
	struct open_report *report = m->private;

	*position += report->shown;
	return record_at(report, position);
}

/* records_start() takes no lock, so there is nothing to release. */
static void records_stop(struct seq_file *m, void *record)
{
}

/*
 * Writes as many records as fit and returns how many. If not even the first one fits,
 * returns 1 and the writer is full: seq_file then retries with more room.
 */
static size_t show_records(struct json_writer *w, const struct open_report *report,
			   size_t first)
{
	size_t count = report->shape->count(report->walk);
	struct json_writer before;
	size_t index = first;

	do {
		before = *w;
		report->shape->record(w, report->walk, index);
		if (w->full && index > first) {
			*w = before;
			break;
		}
		index++;
	} while (!w->full && index < count);
	return index - first;
}

/* Writes directly into seq_file's buffer: many records with one call. */
static int records_show(struct seq_file *m, void *record)
{
	struct open_report *report = m->private;
	const struct report_shape *shape = report->shape;
	loff_t position = *(loff_t *)record;
	struct json_writer w;
	char *text;
	size_t size = seq_get_buf(m, &text);

	/* Leave one byte free: seq_file takes a completely full buffer for an overflow. */
	json_init(&w, text, size ? size - 1 : 0);
	report->shown = 1;
	if (position == HEAD_POSITION)
		shape->head(&w, report->walk);
	else if (position == tail_position(report))
		json_raw(&w, shape->tail, strlen(shape->tail));
	else
		report->shown = show_records(&w, report, position - 1);
	seq_commit(m, w.full ? -1 : (int)json_used(&w));
	return 0;
}

static const struct seq_operations report_seq_ops = {
	.start = records_start,
	.next = records_next,
	.stop = records_stop,
	.show = records_show,
};

static void free_report(struct open_report *report)
{
	process_walk_free(report->walk);
	kfree(report);
}

static struct open_report *new_report(const struct report_shape *shape)
{
	struct open_report *report = kzalloc(sizeof(*report), READ_GFP);

	if (!report)
		return NULL;
	report->shape = shape;
	report->walk = process_walk_new(shape->scope);
	if (!report->walk) {
		kfree(report);
		return NULL;
	}
	return report;
}

static int file_open(struct inode *inode, struct file *file)
{
	struct open_report *report;
	struct seq_file *m;
	int err;

	if (!caller_is_on_host())
		return -EPERM;

	report = new_report(compat_pde_data(inode));
	if (!report)
		return -ENOMEM;
	err = seq_open(file, &report_seq_ops);
	if (err) {
		free_report(report);
		return err;
	}
	m = file->private_data;
	m->private = report;
	/* If this fails, seq_file allocates a single page at the first read. */
	m->buf = kvmalloc(BUFFER_SIZE, READ_GFP);
	if (m->buf)
		m->size = BUFFER_SIZE;
	return 0;
}

static int file_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	free_report(m->private);
	return seq_release(inode, file);
}

static const struct proc_ops file_operations = {
	.proc_open = file_open,
	.proc_read_iter = seq_read_iter,
	.proc_lseek = seq_lseek,
	.proc_release = file_release,
};

static void put_name(char *name, const char *prefix)
{
	snprintf(name, NAME_SIZE, "%s_%s", prefix, settings.carnet);
}

/*
 * Whether another module has a file of this name: proc_create() would log a warning with
 * a call trace. Finds nothing where /proc is not mounted.
 */
static bool is_taken(const char *name)
{
	char full_name[sizeof("/proc/") + NAME_SIZE];
	struct path path;

	snprintf(full_name, sizeof(full_name), "/proc/%s", name);
	if (kern_path(full_name, 0, &path))
		return false;
	path_put(&path);
	pr_err("%s: /proc/%s exists already: unload the module that created it, or load with another carnet\n",
	       settings.module, name);
	return true;
}

static int add_link(struct report_file *file, const char *target)
{
	char name[NAME_SIZE];

	put_name(name, file->alias);
	if (is_taken(name))
		return -EBUSY;
	file->link = proc_symlink(name, NULL, target);
	return file->link ? 0 : -ENOMEM;
}

/**
 * report_file_add() - create the file in /proc, and its alias if there shall be one
 * @file: the file; @prefix, @alias and @shape are set
 *
 * settings_check() must have succeeded before.
 *
 * Return: 0, -EBUSY (logged; modprobe takes -EEXIST for success) or -ENOMEM. On error
 * nothing was created.
 */
int report_file_add(struct report_file *file)
{
	char name[NAME_SIZE];
	int err = 0;

	put_name(name, file->prefix);
	if (is_taken(name))
		return -EBUSY;
	file->entry = proc_create_data(name, settings.mode, NULL, &file_operations,
				       (void *)file->shape);
	if (!file->entry)
		return -ENOMEM;
	proc_set_user(file->entry, GLOBAL_ROOT_UID, settings.gid);
	if (settings.aliases && file->alias)
		err = add_link(file, name);
	if (err)
		report_file_remove(file);
	return err;
}

/**
 * report_file_remove() - remove the file and its alias from /proc
 * @file: the file; nothing happens if it was not created
 *
 * Waits for reads in progress. Later reads of a file that is still open fail with -EIO.
 */
void report_file_remove(struct report_file *file)
{
	proc_remove(file->link);
	proc_remove(file->entry);
	file->link = NULL;
	file->entry = NULL;
}
