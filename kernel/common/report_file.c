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
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/random.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "report_file.h"
#include "report_text.h"
#include "settings.h"

/* Holds some 150 processes: fewer system calls than with seq_file's single page. */
#define BUFFER_SIZE (64 * 1024)

/*
 * The seq_file consists of records: the head, one per process, and the tail. The
 * position is the index of the record.
 */
#define HEAD_POSITION 0

static struct report_origin origin;
static struct proc_dir_entry *proc_entry;

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

static loff_t tail_position(const struct process_walk *walk)
{
	return walk->count + 1;
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
static void *record_at(const struct process_walk *walk, loff_t *position)
{
	return *position <= tail_position(walk) ? position : NULL;
}

/* Takes a new walk if needed. If that fails, the next read tries again. */
static void *records_start(struct seq_file *m, loff_t *position)
{
	struct process_walk *walk = m->private;
	int err;

	if (!walk->complete || is_at_start_of_file(m, *position)) {
		err = process_walk_take(walk);
		if (err)
			return ERR_PTR(err);
	}
	return record_at(walk, position);
}

/* Advances by the number of records that records_show() has written. */
static void *records_next(struct seq_file *m, void *record, loff_t *position)
{
	struct process_walk *walk = m->private;

	*position += walk->last_record_count;
	return record_at(walk, position);
}

/* records_start() takes no lock, so there is nothing to release. */
static void records_stop(struct seq_file *m, void *record)
{
}

static void show_head(struct json_writer *w, const struct process_walk *walk)
{
	report_text_head(w, &origin, walk);
	report_opening(w, walk);
}

/*
 * Writes as many processes as fit and returns how many. If not even the first one
 * fits, returns 1 and the writer is full: seq_file then retries with more room.
 */
static size_t show_processes(struct json_writer *w, const struct process_walk *walk,
			     size_t first)
{
	struct json_writer before;
	size_t index = first;

	do {
		before = *w;
		report_process(w, walk, index);
		if (w->full && index > first) {
			*w = before;
			break;
		}
		index++;
	} while (!w->full && index < walk->count);
	return index - first;
}

static void show_tail(struct json_writer *w)
{
	json_literal(w, "\n],\n\"complete\":true}\n");
}

/* Writes directly into seq_file's buffer: many processes with one call. */
static int records_show(struct seq_file *m, void *record)
{
	struct process_walk *walk = m->private;
	loff_t position = *(loff_t *)record;
	struct json_writer w;
	char *text;
	size_t size = seq_get_buf(m, &text);

	/* Leave one byte free: seq_file takes a completely full buffer for an overflow. */
	json_init(&w, text, size ? size - 1 : 0);
	walk->last_record_count = 1;
	if (position == HEAD_POSITION)
		show_head(&w, walk);
	else if (position == tail_position(walk))
		show_tail(&w);
	else
		walk->last_record_count = show_processes(&w, walk, position - 1);
	seq_commit(m, w.full ? -1 : (int)json_used(&w));
	return 0;
}

static const struct seq_operations report_seq_ops = {
	.start = records_start,
	.next = records_next,
	.stop = records_stop,
	.show = records_show,
};

static int file_open(struct inode *inode, struct file *file)
{
	struct process_walk *walk;
	struct seq_file *m;
	int err;

	if (!caller_is_on_host())
		return -EPERM;

	walk = process_walk_new(report_kind.scope);
	if (!walk)
		return -ENOMEM;
	err = seq_open(file, &report_seq_ops);
	if (err) {
		process_walk_free(walk);
		return err;
	}
	m = file->private_data;
	m->private = walk;
	/* If this fails, seq_file allocates a single page at the first read. */
	m->buf = kvmalloc(BUFFER_SIZE, GFP_KERNEL_ACCOUNT);
	if (m->buf)
		m->size = BUFFER_SIZE;
	return 0;
}

static int file_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	process_walk_free(m->private);
	return seq_release(inode, file);
}

static const struct proc_ops file_operations = {
	.proc_open = file_open,
	.proc_read_iter = seq_read_iter,
	.proc_lseek = seq_lseek,
	.proc_release = file_release,
};

static void generate_load_id(void)
{
	u8 bytes[16];

	get_random_bytes(bytes, sizeof(bytes));
	snprintf(origin.load_id, sizeof(origin.load_id), "%16phN", bytes);
}

/**
 * report_file_add() - create the file in /proc
 *
 * settings_check() must have succeeded before.
 *
 * Return: 0 or -ENOMEM.
 */
int report_file_add(void)
{
	char name[64];

	origin.module = report_kind.module;
	generate_load_id();
	snprintf(name, sizeof(name), "%s_%s", report_kind.module, settings.carnet);
	proc_entry = proc_create(name, settings.mode, NULL, &file_operations);
	if (!proc_entry)
		return -ENOMEM;
	proc_set_user(proc_entry, GLOBAL_ROOT_UID, settings.gid);
	return 0;
}

/**
 * report_file_remove() - remove the file from /proc
 *
 * Waits for reads in progress. Later reads of a file that is still open fail with -EIO.
 */
void report_file_remove(void)
{
	proc_remove(proc_entry);
}
