/*
 * A file system in memory that forgets, at a power cut, what was not synced. Worse than most real ones: syncing a
 * file makes its bytes durable but not its name, syncing a folder makes its names durable but not the files' bytes.
 *
 * What is not synced: every write and truncation of a file, every name put into or taken from a folder. Half of all
 * power cuts lose all of it; the others keep any of a file's writes in any combination, and a folder's changes up to
 * some instant (a rename is one change: the old name or the new). Nothing is cached by the kernel.
 *
 * `/.power` answers writes of `sync` (everything is durable) and `cut SEED`; reading it tells what was lost so far.
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define POWER "/.power"
#define DISK_BYTES (256UL * 1024 * 1024)
#define BLOCK 4096

typedef struct { char *bytes; size_t size, room; } Content;

/* A name in a folder: the next one of its list is older. */
typedef struct Entry { char *name; struct Node *node; struct Entry *next; } Entry;

/* A write (bytes) or a truncation (no bytes) that is not durable yet. */
typedef struct Write { off_t at; size_t length; char *bytes; struct Write *next; } Write;

/* What a folder held after a change that is not durable yet. */
typedef struct Version { Entry *entries; struct Version *next; } Version;

typedef struct Node {
  int is_folder, opened, reached;
  Content now, durable;
  Write *writes, **last_write;
  Entry *entries, *durable_entries;
  Version *versions, **last_version;
  struct Node *all;
} Node;

static Node *root, *nodes;
static unsigned long cuts, lost_writes, lost_names, syncs;
static unsigned long long dice;

static unsigned draw(unsigned below) {
  dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
  return (unsigned)(dice >> 33) % below;
}

static void *ask(void *memory, size_t size) {
  void *given = realloc(memory, size ? size : 1);
  if (given == NULL) abort();
  return given;
}

static Node *make_node(int is_folder) {
  Node *node = ask(NULL, sizeof *node);
  memset(node, 0, sizeof *node);
  node->is_folder = is_folder;
  node->last_write = &node->writes;
  node->last_version = &node->versions;
  node->all = nodes;
  return nodes = node;
}

/* ---- content ---- */

static void resize(Content *content, size_t size) {
  if (size > content->room) content->bytes = ask(content->bytes, content->room = size * 2);
  if (size > content->size) memset(content->bytes + content->size, 0, size - content->size);
  content->size = size;
}

static void apply(Content *content, const Write *write) {
  if (write->bytes == NULL) { resize(content, write->at); return; }
  if (write->at + write->length > content->size) resize(content, write->at + write->length);
  memcpy(content->bytes + write->at, write->bytes, write->length);
}

static void note_write(Node *node, off_t at, const char *bytes, size_t length) {
  Write *write = ask(NULL, sizeof *write);
  *write = (Write){at, length, NULL, NULL};
  if (bytes != NULL) write->bytes = memcpy(ask(NULL, length), bytes, length);
  apply(&node->now, write);
  *node->last_write = write;
  node->last_write = &write->next;
}

/* Makes writes durable, each with the chance of `keep` in 100, and forgets the others. */
static void settle_writes(Node *node, unsigned keep) {
  for (Write *write = node->writes, *next; write != NULL; write = next) {
    next = write->next;
    if (draw(100) < keep) apply(&node->durable, write); else lost_writes++;
    free(write->bytes);
    free(write);
  }
  node->writes = NULL;
  node->last_write = &node->writes;
}

/* ---- names ---- */

static Entry *find(Entry *entries, const char *name, size_t length) {
  for (; entries != NULL; entries = entries->next)
    if (strlen(entries->name) == length && memcmp(entries->name, name, length) == 0) return entries;
  return NULL;
}

static void free_entries(Entry *entries) {
  for (Entry *next; entries != NULL; entries = next) {
    next = entries->next;
    free(entries->name);
    free(entries);
  }
}

/* A list without a name, or with it on another node. */
static Entry *with(const Entry *entries, const char *name, Node *node) {
  Entry *copy = NULL;
  for (; entries != NULL; entries = entries->next) {
    if (strcmp(entries->name, name) == 0) continue;
    Entry *entry = ask(NULL, sizeof *entry);
    *entry = (Entry){strdup(entries->name), entries->node, copy};
    copy = entry;
  }
  if (node == NULL) return copy;
  Entry *entry = ask(NULL, sizeof *entry);
  *entry = (Entry){strdup(name), node, copy};
  return entry;
}

static void note_names(Node *folder, Entry *entries) {
  free_entries(folder->entries);
  folder->entries = entries;
  Version *version = ask(NULL, sizeof *version);
  *version = (Version){with(entries, "", NULL), NULL};
  *folder->last_version = version;
  folder->last_version = &version->next;
}

/* Makes the first `keep` changes of a folder durable, and forgets the others. */
static void settle_names(Node *folder, unsigned keep) {
  for (Version *version = folder->versions, *next; version != NULL; version = next) {
    next = version->next;
    if (keep > 0) {
      free_entries(folder->durable_entries);
      folder->durable_entries = version->entries;
      keep--;
    } else {
      free_entries(version->entries);
      lost_names++;
    }
    free(version);
  }
  folder->versions = NULL;
  folder->last_version = &folder->versions;
}

static unsigned changes(const Node *folder) {
  unsigned count = 0;
  for (Version *version = folder->versions; version != NULL; version = version->next) count++;
  return count;
}

static void reach(Node *node) {
  if (node->reached) return;
  node->reached = 1;
  for (Entry *entry = node->entries; entry != NULL; entry = entry->next) reach(entry->node);
}

/* Frees what no name leads to and nobody has open. */
static void sweep(void) {
  for (Node *node = nodes; node != NULL; node = node->all) node->reached = 0;
  for (Node *node = nodes; node != NULL; node = node->all)
    if (node == root || node->opened > 0) reach(node);
  for (Node **at = &nodes; *at != NULL;) {
    Node *node = *at;
    if (node->reached) { at = &node->all; continue; }
    *at = node->all;
    free_entries(node->entries);
    free_entries(node->durable_entries);
    free(node->now.bytes);
    free(node->durable.bytes);
    free(node);
  }
}

static void sync_all(void) {
  for (Node *node = nodes; node != NULL; node = node->all) {
    settle_writes(node, 100);
    settle_names(node, changes(node));
  }
}

static void cut_power(unsigned long long seed) {
  dice = seed * 2654435769ULL + 1;
  draw(2);
  const int all = draw(2);
  cuts++;
  for (Node *node = nodes; node != NULL; node = node->all) {
    settle_writes(node, all ? 0 : draw(101));
    settle_names(node, all ? 0 : draw(changes(node) + 1));
    resize(&node->now, 0);
    resize(&node->now, node->durable.size);
    if (node->durable.size > 0) memcpy(node->now.bytes, node->durable.bytes, node->durable.size);
    free_entries(node->entries);
    node->entries = with(node->durable_entries, "", NULL);
  }
  sweep();
}

/* ---- paths ---- */

static Node *look(const char *path, size_t length) {
  Node *node = root;
  for (size_t at = 1; node != NULL && at < length;) {
    const char *end = memchr(path + at, '/', length - at);
    const size_t part = end == NULL ? length - at : (size_t)(end - path) - at;
    Entry *entry = node->is_folder ? find(node->entries, path + at, part) : NULL;
    node = entry == NULL ? NULL : entry->node;
    at += part + 1;
  }
  return node;
}

static Node *node_of(const char *path, struct fuse_file_info *file) {
  return file != NULL && file->fh != 0 ? (Node *)file->fh : look(path, strlen(path));
}

static const char *name_of(const char *path) { return strrchr(path, '/') + 1; }
static Node *parent_of(const char *path) { return look(path, (size_t)(name_of(path) - path)); }
static int is_power(const char *path) { return path != NULL && strcmp(path, POWER) == 0; }

/* ---- what the kernel asks ---- */

static void *on_init(struct fuse_conn_info *connection, struct fuse_config *config) {
  (void)connection;
  config->entry_timeout = config->attr_timeout = config->negative_timeout = 0;
  config->direct_io = 1;
  config->hard_remove = 1;
  return NULL;
}

static int on_getattr(const char *path, struct stat *stat, struct fuse_file_info *file) {
  memset(stat, 0, sizeof *stat);
  stat->st_nlink = 1;
  stat->st_mode = S_IFREG | 0600;
  if (is_power(path)) return 0;
  Node *node = node_of(path, file);
  if (node == NULL) return -ENOENT;
  if (node->is_folder) stat->st_mode = S_IFDIR | 0700;
  stat->st_size = (off_t)node->now.size;
  stat->st_blocks = (blkcnt_t)(node->now.size + 511) / 512;
  return 0;
}

static int put(const char *path, int is_folder, Node **made) {
  Node *folder = parent_of(path);
  if (folder == NULL) return -ENOENT;
  if (find(folder->entries, name_of(path), strlen(name_of(path))) != NULL) return -EEXIST;
  *made = make_node(is_folder);
  note_names(folder, with(folder->entries, name_of(path), *made));
  return 0;
}

static int on_mkdir(const char *path, mode_t mode) {
  (void)mode;
  Node *made;
  return put(path, 1, &made);
}

static int on_open(const char *path, struct fuse_file_info *file) {
  Node *node = is_power(path) ? NULL : look(path, strlen(path));
  if (node == NULL && !is_power(path)) return -ENOENT;
  if (node != NULL) node->opened++;
  file->fh = (uint64_t)node;
  return 0;
}

static int on_create(const char *path, mode_t mode, struct fuse_file_info *file) {
  (void)mode;
  Node *made;
  const int failed = put(path, 0, &made);
  return failed ? failed : on_open(path, file);
}

static int on_release(const char *path, struct fuse_file_info *file) {
  (void)path;
  if (file->fh != 0) ((Node *)file->fh)->opened--;
  return 0;
}

static int on_read(const char *path, char *bytes, size_t length, off_t at, struct fuse_file_info *file) {
  char told[200];
  Node *node = node_of(path, file);
  const char *from = told;
  size_t size;
  if (is_power(path))
    size = (size_t)snprintf(told, sizeof told,
                            "{\"cuts\":%lu,\"lostWrites\":%lu,\"lostNames\":%lu,\"syncs\":%lu}\n", cuts,
                            lost_writes, lost_names, syncs);
  else if (node == NULL) return -ENOENT;
  else { from = node->now.bytes; size = node->now.size; }
  if ((size_t)at >= size) return 0;
  if (length > size - (size_t)at) length = size - (size_t)at;
  memcpy(bytes, from + at, length);
  return (int)length;
}

static int on_write(const char *path, const char *bytes, size_t length, off_t at, struct fuse_file_info *file) {
  if (is_power(path)) {
    char order[64] = {0};
    memcpy(order, bytes, length < 63 ? length : 63);
    if (strncmp(order, "sync", 4) == 0) sync_all();
    else if (strncmp(order, "cut ", 4) == 0) cut_power(strtoull(order + 4, NULL, 10));
    else return -EINVAL;
    return (int)length;
  }
  Node *node = node_of(path, file);
  if (node == NULL) return -ENOENT;
  note_write(node, file->flags & O_APPEND ? (off_t)node->now.size : at, bytes, length);
  return (int)length;
}

static int on_truncate(const char *path, off_t size, struct fuse_file_info *file) {
  if (is_power(path)) return 0;
  Node *node = node_of(path, file);
  if (node == NULL) return -ENOENT;
  note_write(node, size, NULL, 0);
  return 0;
}

static int on_remove(const char *path) {
  Node *folder = parent_of(path), *node = look(path, strlen(path));
  if (folder == NULL || node == NULL) return -ENOENT;
  if (node->is_folder && node->entries != NULL) return -ENOTEMPTY;
  note_names(folder, with(folder->entries, name_of(path), NULL));
  return 0;
}

static int on_rename(const char *from, const char *to, unsigned int flags) {
  Node *folder = parent_of(from), *node = look(from, strlen(from));
  if (node == NULL) return -ENOENT;
  if (flags != 0 || parent_of(to) != folder) return -EXDEV;
  Entry *without = with(folder->entries, name_of(from), NULL);
  note_names(folder, with(without, name_of(to), node));
  free_entries(without);
  return 0;
}

static int on_fsync(const char *path, int data_only, struct fuse_file_info *file) {
  (void)data_only;
  Node *node = node_of(path, file);
  if (node == NULL) return is_power(path) ? 0 : -ENOENT;
  syncs++;
  settle_writes(node, 100);
  settle_names(node, changes(node));
  return 0;
}

static int on_readdir(const char *path, void *list, fuse_fill_dir_t add, off_t at, struct fuse_file_info *file,
                      enum fuse_readdir_flags flags) {
  (void)at, (void)flags;
  Node *node = node_of(path, file);
  if (node == NULL) return -ENOENT;
  for (Entry *entry = node->entries; entry != NULL; entry = entry->next) add(list, entry->name, NULL, 0, 0);
  return 0;
}

static int on_statfs(const char *path, struct statvfs *disk) {
  (void)path;
  memset(disk, 0, sizeof *disk);
  disk->f_bsize = disk->f_frsize = BLOCK;
  disk->f_blocks = disk->f_bfree = disk->f_bavail = DISK_BYTES / BLOCK;
  disk->f_namemax = 255;
  return 0;
}

static int on_chmod(const char *path, mode_t mode, struct fuse_file_info *file) {
  (void)path, (void)mode, (void)file;
  return 0;
}

static int on_utimens(const char *path, const struct timespec times[2], struct fuse_file_info *file) {
  (void)path, (void)times, (void)file;
  return 0;
}

static const struct fuse_operations operations = {
    .init = on_init,       .getattr = on_getattr,   .mkdir = on_mkdir,     .create = on_create,
    .open = on_open,       .opendir = on_open,      .release = on_release, .releasedir = on_release,
    .read = on_read,       .write = on_write,       .truncate = on_truncate,
    .unlink = on_remove,   .rmdir = on_remove,      .rename = on_rename,   .fsync = on_fsync,
    .fsyncdir = on_fsync,  .readdir = on_readdir,   .statfs = on_statfs,   .chmod = on_chmod,
    .utimens = on_utimens,
};

int main(int count, char **arguments) {
  /* Gone with whoever mounted it. */
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  root = make_node(1);
  return fuse_main(count, arguments, &operations, NULL);
}
