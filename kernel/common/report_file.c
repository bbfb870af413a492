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
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "report_file.h"
#include "report_text.h"
#include "settings.h"

/* Some 150 processes: fewer system calls than with seq_file's single page. */
#define BUFFER_SIZE (64 * 1024)

/*
 * A file is a sequence of records: the head, one per process, and the tail.
 * Which one is being shown follows from its position alone.
 */
#define HEAD_POSITION 0

static struct report_origin origin;
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

static loff_t tail_position(const struct process_walk *walk)
{
	return walk->count + 1;
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
	return *position <= tail_position(walk) ? position : NULL;
}

/* Takes a new walk if need be. An error ends the read; the next begins anew. */
static void *records_start(struct seq_file *m, loff_t *position)
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

/* Moves on behind the last of the records just shown. */
static void *records_next(struct seq_file *m, void *record, loff_t *position)
{
	struct process_walk *walk = m->private;

	*position += walk->shown;
	return record_at(walk, position);
}

/* No lock is held, so none is dropped. */
static void records_stop(struct seq_file *m, void *record)
{
}

static void show_head(struct json_writer *w, const struct process_walk *walk)
{
	report_text_head(w, &origin, walk);
	report_opening(w, walk);
}

/* As many processes as fit, but at least one; returns how many. */
static size_t show_processes(struct json_writer *w, const struct process_walk *walk,
			     size_t first)
{
	struct json_writer before;
	size_t place = first;

	do {
		before = *w;
		report_process(w, walk, place);
		if (w->full && place > first) {
			*w = before;
			break;
		}
		place++;
	} while (!w->full && place < walk->count);
	return place - first;
}

static void show_tail(struct json_writer *w)
{
	json_literal(w, "\n],\n\"complete\":true}\n");
}

/* Writes straight into the buffer of seq_file, processes by the bufferful. */
static int records_show(struct seq_file *m, void *record)
{
	struct process_walk *walk = m->private;
	loff_t position = *(loff_t *)record;
	struct json_writer w;
	char *text;
	size_t size = seq_get_buf(m, &text);

	/* A buffer filled to the last byte is, to seq_file, one which overflowed. */
	json_init(&w, text, size ? size - 1 : 0);
	walk->shown = 1;
	if (position == HEAD_POSITION)
		show_head(&w, walk);
	else if (position == tail_position(walk))
		show_tail(&w);
	else
		walk->shown = show_processes(&w, walk, position - 1);
	seq_commit(m, w.full ? -1 : (int)json_used(&w));
	return 0;
}

static const struct seq_operations records = {
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
	err = seq_open(file, &records);
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

static void draw_load_id(void)
{
	u8 bytes[16];

	get_random_bytes(bytes, sizeof(bytes));
	snprintf(origin.load_id, sizeof(origin.load_id), "%16phN", bytes);
}

/**
 * report_file_add() - make the file appear
 *
 * The settings must have been checked.
 *
 * Return: 0 or -ENOMEM.
 */
int report_file_add(void)
{
	char name[64];

	origin.module = report_kind.module;
	draw_load_id();
	snprintf(name, sizeof(name), "%s_%s", report_kind.module, settings.carnet);
	entry = proc_create(name, settings.mode, NULL, &file_operations);
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
