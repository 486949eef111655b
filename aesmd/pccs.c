// SPDX-License-Identifier: Apache-2.0
/* pccs: a folder of collateral over HTTP, for verifiers that ask a PCCS. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <microhttpd.h>

#include "aesmd/pccs.h"
#include "lib/base/cleanup.h"
#include "lib/base/err.h"
#include "lib/base/hex.h"
#include "lib/base/io.h"

#define BACKLOG     128
#define CONNECTIONS 512
#define TIMEOUT     10 /* seconds without a word of the client */
#define PEM_MAX     (1024 * 1024)

static const char usage[] =
	"Usage: swsgx pccs --listen ADDRESS:PORT | PATH --collateral DIR\n"
	"\n"
	"Serve collateral to verifiers as a PCCS does, until SIGINT or SIGTERM.\n"
	"\n"
	"  --listen WHERE    an IPv4 address and a port (0: any), or the path of a unix socket\n"
	"  --collateral DIR  what to serve: a folder that `swsgx collateral` wrote, or any such\n"
	"  --cert FILE       serve https, with this certificate (PEM; those that issued it may follow)\n"
	"  --key FILE        and this key (PEM)\n";

struct options {
	const char *listen, *folder, *cert, *key;
};

/* What the HTTP server says of its start; later it speaks of its clients, which interests nobody. */
struct complaint {
	atomic_bool is_over;
	char text[200];
};

static const char *query(void *context, const char *name)
{
	return MHD_lookup_connection_value(context, MHD_GET_ARGUMENT_KIND, name);
}

static void add_request_id(struct MHD_Response *response)
{
	uint8_t id[16];
	char text[2 * sizeof(id) + 1];

	if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id))
		return;
	hex_encode(id, sizeof(id), text);
	MHD_add_response_header(response, "Request-ID", text);
}

/* Takes the body over. */
static enum MHD_Result send_reply(struct MHD_Connection *connection, struct pccs_reply *reply)
{
	char *body = take_ptr(reply->body);
	struct MHD_Response *response = MHD_create_response_from_buffer(
		reply->size, body ? body : strdup(""), MHD_RESPMEM_MUST_FREE);
	enum MHD_Result r = MHD_NO;

	if (response != NULL) {
		MHD_add_response_header(response, "Content-Type", reply->type);
		add_request_id(response);
		for (unsigned int i = 0; i < reply->header_count; i++)
			MHD_add_response_header(response, reply->header[i].name,
			                        reply->header[i].value);
		r = MHD_queue_response(connection, reply->status, response);
		MHD_destroy_response(response);
	}
	pccs_release(reply);
	return r;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
	const struct options *o = context;
	struct pccs_reply reply = { .body = NULL };
	static int seen;

	(void)version;
	(void)upload;
	if (*state == NULL) { /* only the head is there */
		*state = &seen;
		return MHD_YES;
	}
	if (*upload_size != 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		reply.status = 405;
		reply.type = "text/plain";
	} else {
		pccs_get(o->folder, url, query, connection, &reply);
	}
	return send_reply(connection, &reply);
}

static int bind_to(const struct sockaddr *address, socklen_t size, const char *where, struct err *e)
{
	_cleanup_(closep) int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int yes = 1;

	if (fd < 0)
		return err_errno(e, "%s", where);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, address, size) < 0 || listen(fd, BACKLOG) < 0)
		return err_errno(e, "%s", where);
	return take_fd(&fd);
}

static int listen_unix(const char *path, struct err *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(address.sun_path))
		return err_set(e, -ENAMETOOLONG, "%s: too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	return bind_to((const struct sockaddr *)&address, sizeof(address), path, e);
}

static int listen_inet(const char *where, struct err *e)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	const char *colon = strrchr(where, ':');
	char host[64];
	uint64_t port;

	if ((size_t)snprintf(host, sizeof(host), "%.*s", (int)(colon - where), where) >=
	            sizeof(host) ||
	    inet_pton(AF_INET, host, &address.sin_addr) != 1 ||
	    parse_u64(colon + 1, UINT16_MAX, &port) < 0)
		return err_set(e, -EINVAL, "--listen: '%s' is neither ADDRESS:PORT nor a path",
		               where);
	address.sin_port = htons((uint16_t)port);
	return bind_to((const struct sockaddr *)&address, sizeof(address), where, e);
}

static bool is_path(const char *where)
{
	return strchr(where, '/') != NULL || strchr(where, ':') == NULL;
}

static void announce(int fd, const char *where, bool is_tls)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	char host[INET_ADDRSTRLEN];

	if (is_path(where))
		printf("pccs: serving at %s\n", where);
	else if (getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
	         inet_ntop(AF_INET, &address.sin_addr, host, sizeof(host)) != NULL)
		printf("pccs: serving at http%s://%s:%u\n", is_tls ? "s" : "", host,
		       ntohs(address.sin_port));
	fflush(stdout);
}

__attribute__((format(printf, 2, 0))) static void complain(void *context, const char *format,
                                                           va_list arguments)
{
	struct complaint *c = context;

	/* The first names the cause. */
	if (atomic_load(&c->is_over) || c->text[0] != '\0')
		return;
	vsnprintf(c->text, sizeof(c->text), format, arguments);
	c->text[strcspn(c->text, "\n")] = '\0';
}

/* Owns fd once it has started. */
static int start(const struct options *o, int fd, struct complaint *c, struct MHD_Daemon **ret,
                 struct err *e)
{
	_cleanup_(freep) char *cert = NULL, *key = NULL;
	unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem tls[3] = { { MHD_OPTION_END, 0, NULL } };
	size_t size;

	if (o->cert != NULL) {
		int r = io_read_file(o->cert, PEM_MAX, &cert, &size, e);

		if (r == 0)
			r = io_read_file(o->key, PEM_MAX, &key, &size, e);
		if (r < 0)
			return r;
		flags |= MHD_USE_TLS;
		tls[0] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, cert };
		tls[1] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, key };
		tls[2] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	}
	*ret = MHD_start_daemon(flags, 0, NULL, NULL, answer, (void *)o, MHD_OPTION_EXTERNAL_LOGGER,
	                        complain, c, MHD_OPTION_LISTEN_SOCKET, fd,
	                        MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS,
	                        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)TIMEOUT,
	                        MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	atomic_store(&c->is_over, true);
	if (*ret != NULL)
		return 0;
	if (c->text[0] == '\0')
		snprintf(c->text, sizeof(c->text), "the HTTP server does not start");
	if (o->cert != NULL)
		return err_set(e, -EIO, "%s, %s: %s", o->cert, o->key, c->text);
	return err_set(e, -EIO, "%s: %s", o->listen, c->text);
}

/* The signals are blocked before there are threads, so that only sigwait gets them. */
static int serve(const struct options *o, struct err *e)
{
	_cleanup_(closep) int fd =
		is_path(o->listen) ? listen_unix(o->listen, e) : listen_inet(o->listen, e);
	struct complaint complaint = { .is_over = false };
	struct MHD_Daemon *daemon;
	sigset_t set;
	int sig, r;

	if (fd < 0)
		return fd;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	r = start(o, fd, &complaint, &daemon, e);
	if (r == 0) {
		announce(fd, o->listen, o->cert != NULL);
		sigwait(&set, &sig);
		take_fd(&fd); /* the server closes it */
		MHD_stop_daemon(daemon);
	}
	if (is_path(o->listen))
		unlink(o->listen);
	return r;
}

static int parse(int argc, char **argv, struct options *o, struct err *e)
{
	static const struct option known[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "collateral", required_argument, NULL, 'c' },
		{ "cert", required_argument, NULL, 'C' },
		{ "key", required_argument, NULL, 'K' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct stat st;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (c) {
		case 'l': o->listen = optarg; break;
		case 'c': o->folder = optarg; break;
		case 'C': o->cert = optarg; break;
		case 'K': o->key = optarg; break;
		case 'h': return 1;
		default: return err_set(e, -EINVAL, "wrong options: see --help");
		}
	}
	if (optind != argc || o->listen == NULL || o->folder == NULL)
		return err_set(e, -EINVAL, "--listen and --collateral are needed, and no operand");
	if ((o->cert == NULL) != (o->key == NULL))
		return err_set(e, -EINVAL, "--cert and --key go together");
	if (o->cert != NULL && is_path(o->listen))
		return err_set(e, -EINVAL, "--cert: a unix socket needs no TLS");
	if (stat(o->folder, &st) < 0)
		return err_errno(e, "%s", o->folder);
	return S_ISDIR(st.st_mode) ? 0 : err_set(e, -ENOTDIR, "%s: not a folder", o->folder);
}

int main(int argc, char **argv)
{
	struct options o = { .listen = NULL };
	struct err e;
	int r = parse(argc, argv, &o, &e);

	if (r == 1) {
		fputs(usage, stdout);
		return 0;
	}
	if (r == 0)
		r = serve(&o, &e);
	if (r < 0)
		fprintf(stderr, "swsgx: pccs: %s\n", e.text);
	return r < 0;
}
