"""The endpoint's answers: signature, parameters, operation, XML body."""

import hashlib
import random
import time

from . import lists, model, report, sessions, sigv4
from .jobs import FIXED_JOB, Job
from .model import ApiError, ENTITIES, GENERATE, SERVICES, escape


class Reply:
    """An answer before it meets the wire."""

    def __init__(self, status, body, request_id, content_type="text/xml"):
        self.status, self.body, self.request_id = status, body, request_id
        self.content_type = content_type
        self.headers = []           # (name, value) beyond the usual ones
        self.code = None            # the error code, when it is one
        self.date_offset = 0
        self.endless = None         # (bytes before, bytes repeated for ever)


class Page:
    """A page of a list while it is being made: what a fault may change before it is rendered."""

    def __init__(self, job, status, operation, items, truncated, marker):
        self.job, self.status, self.operation = job, status, operation
        self.items = items          # members already rendered, in order
        self.truncated, self.marker = truncated, marker
        self.error = (job.fails, "The report could not be generated.") if status == "FAILED" \
            else None
        self.endless = False


class Service:
    """rep: a report.Report, the same for every ARN; or an account.Account, which has one for each
    of its ARNs and lists them (with_lists)."""

    def __init__(self, rep, jobs, codec, rules, layout="pretty", order="docs", page_size=100,
                 clock_offset=0.0, verify=True, with_lists=False):
        self.report, self.jobs, self.codec, self.rules = rep, jobs, codec, rules
        self.layout, self.order = model.Layout(layout), order
        self.page_size, self.clock_offset, self.verify = page_size, clock_offset, verify
        self.cache, self.with_lists = report.PageCache(), with_lists

    def now(self):
        return time.time() + self.clock_offset

    def request_id(self, number):
        h = hashlib.sha256(f"{self.report.seed}/request/{number}".encode()).hexdigest()
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:32]}"

    def authenticate(self, request):
        """Sets request.access_key, or raises SignatureError."""
        if self.verify:
            key = sigv4.verify(request.method, request.path, request.query, request.headers,
                               request.body, self.rules, self.now())
            session = self.rules.session(key)
            request.access_key = key
            request.identity = session.arn if session else sessions.user_arn(key)

    def parse(self, request):
        """Reads the parameters; leaves request.params and request.operation set as far as known."""
        query = model.form_decode(request.query.encode("latin-1")) if request.query else {}
        body = {}
        if request.body:
            kind = request.headers.get("content-type", [""])[0].split(";")[0].strip().lower()
            if kind != "application/x-www-form-urlencoded":
                raise ApiError(400, "InvalidAction", "The body is not form-encoded: Content-Type "
                               f"is '{kind}'.")
            body = model.form_decode(request.body)
        request.params = {**query, **body}
        request.operation = request.params.get("Action", "")

    def error(self, number, status, code, message, kind=None):
        request_id = self.request_id(number)
        kind = kind or ("Receiver" if status >= 500 else "Sender")
        reply = Reply(status, model.error_body(self.layout, code, message, request_id, kind),
                      request_id)
        reply.code = code
        return reply

    def answer(self, request, do):
        """The reply to an authenticated request; do: the content actions of a fault, or {}."""
        operation = model.check_params(
            request.params, model.OPERATIONS if self.with_lists else model.REPORTS)
        if do.get("reply") == "other-operation":
            operation = GENERATE if operation != GENERATE else SERVICES
            if operation == GENERATE:
                return self._wrap(request.number, GENERATE,
                                  [f"<JobId>{request.params.get('JobId', FIXED_JOB)}</JobId>"])
        if operation == GENERATE:
            return self._generate(request)
        if operation not in model.REPORTS:
            return lists.answer(self, request, operation, do)
        return self._list(request, operation, do)

    def _generate(self, request):
        arn = request.params["Arn"]
        if not arn.startswith("arn:") or ":iam::" not in arn:
            raise ApiError(400, "InvalidInput", f"Invalid ARN: {arn}")
        found = self.report.find(arn).report if self.with_lists else None
        owner, is_session = self._owner(request)
        job = self.jobs.create(arn, request.params.get("Granularity", "SERVICE_LEVEL"),
                               owner, int(self.now() * 1000), is_session, found)
        return self._wrap(request.number, GENERATE, [f"<JobId>{job.id}</JobId>"])

    def _owner(self, request):
        """(whose reports a request makes and sees, whether that is a session). With an account any
        session token makes a session, without one those that were issued here."""
        token = request.header("x-amz-security-token") if self.with_lists else None
        if token:
            return f"{request.access_key} {token}", True
        return request.access_key, self.rules.session(request.access_key) is not None

    def arn_of(self, params):
        """Whom a request is about: the ARN that it names, or that its job's report is for."""
        return params.get("Arn") or self.jobs.arn_of(params.get("JobId"))

    def set_account(self, account):
        """Another one from now on. Reports that were generated stay as they were."""
        self.report, self.with_lists, self.cache = account, True, report.PageCache()

    @staticmethod
    def scope(operation, params):
        """The list that a marker belongs to."""
        if operation in model.REPORTS:
            return f"{operation}/{params.get('JobId', '')}/{params.get('ServiceNamespace', '')}"
        return lists.scope(operation, params)

    def _list(self, request, operation, do):
        params = request.params
        job_id = params.get("JobId", "")
        if "JobId" in params:
            job, status = self.jobs.poll(job_id, self._owner(request)[0], int(self.now() * 1000))
        else:       # the other operation's answer to a request for a job
            job, status = report_job(self), "COMPLETED"
        status = do.get("job_status", status)
        namespace = params.get("ServiceNamespace", "")
        count = int(params.get("MaxItems", self.page_size))
        scope = self.scope(operation, params)
        start = self.start(scope, params)
        rep = self.report.of(job)
        if operation == ENTITIES and namespace and namespace not in rep.namespaces:
            raise ApiError(400, "InvalidInput", f"Invalid service namespace: {namespace}")
        if status != "COMPLETED":
            page = Page(job, status, operation, [], False, None)
        else:
            size = rep.size(namespace) if operation == ENTITIES else rep.service_count
            more = start + count < size
            marker = self.codec.encode(scope, start + count) if more else None
            items = self._items(operation, job, namespace, start, count, do)
            page = Page(job, status, operation, items, more, marker)
        self._spoil(page, do, params)
        if "circle" in do and status == "COMPLETED":
            page.truncated = True
            page.marker = self.codec.encode(scope, max(0, start + count * (1 - do["circle"])))
        return self._render(request.number, page)

    def start(self, scope, params):
        """Where in its list a page begins."""
        if "Marker" not in params:
            return 0
        start = self.codec.decode(scope, params["Marker"])
        if start is None:
            raise ApiError(400, "ValidationError", f"Invalid Marker: '{params['Marker']}'")
        return start

    def _items(self, operation, job, namespace, start, count, do):
        rep, layout = self.report.of(job), self.layout
        if operation == SERVICES:
            action_level = job.granularity == "ACTION_LEVEL"
            end = min(rep.service_count, start + count)
            return self.rendered((rep, action_level, start, count), do, lambda: [
                self._service(rep.service(i, action_level)) for i in range(start, end)])
        return self.rendered((rep, namespace, start, count), do, lambda: [
            report.render_entity(layout, e).encode() for e in rep.page(namespace, start, count)])

    def rendered(self, key, do, make):
        """The members of a page: from the cache, unless a fault changes one of them."""
        if any(name in do for name in ("alter", "insert", "remove", "swap")):
            return change(make(), do)
        return [self.cache.get(key, lambda: b"".join(make()))]

    def _spoil(self, page, do, params):
        if "job_error" in do:
            page.error = (do["job_error"].get("code"), do["job_error"].get("message", ""))
        elif page.status == "FAILED" and page.error and not page.error[0]:
            page.error = ("INTERNAL_ERROR", page.error[1])
        if "truncated" in do:
            page.truncated = do["truncated"]
        if do.get("no_marker"):
            page.truncated, page.marker = True, None
        if "marker" in do:
            page.marker = do["marker"]
        if do.get("repeat_marker"):
            page.truncated = True
            page.marker = params.get("Marker") or page.marker
        page.endless = do.get("endless") == "list"

    def _service(self, item):
        line, rows = self.layout.line, []
        for name in sorted(item) if self.order != "model" else item:
            value = item[name]
            if isinstance(value, list):
                inner = "".join(
                    line(5, "<member>") + "".join(line(6, f"<{k}>{escape(v)}</{k}>")
                                                  for k, v in action.items())
                    + line(5, "</member>") for action in value)
                rows.append(line(4, f"<{name}>") + inner + line(4, f"</{name}>"))
            else:
                rows.append(line(4, f"<{name}>{escape(str(value))}</{name}>"))
        return (line(3, "<member>") + "".join(rows) + line(3, "</member>")).encode()

    def _render(self, number, page):
        job, status, line = page.job, page.status, self.layout.line
        list_name = "EntityDetailsList" if page.operation == ENTITIES else "ServicesLastAccessed"
        members = {
            "JobStatus": f"<JobStatus>{status}</JobStatus>",
            "JobCreationDate":
                f"<JobCreationDate>{report.iso_ms(job.created_ms)}</JobCreationDate>",
            "IsTruncated": f"<IsTruncated>{'true' if page.truncated else 'false'}</IsTruncated>",
            list_name: None,
        }
        if page.operation == SERVICES:
            members["JobType"] = f"<JobType>{job.granularity}</JobType>"
        if status != "IN_PROGRESS":
            done = report.iso_ms(job.completed_ms or job.created_ms)
            members["JobCompletionDate"] = f"<JobCompletionDate>{done}</JobCompletionDate>"
        if page.marker is not None:
            members["Marker"] = f"<Marker>{escape(page.marker)}</Marker>"
        if page.error:
            code, message = page.error
            rows = "".join(line(3, f"<{n}>{escape(v)}</{n}>")
                           for n, v in (("Code", code), ("Message", message)) if v is not None)
            members["Error"] = f"<Error>{self.layout.end}{rows}{self.layout.blank * 2}</Error>"
        return self.enclose(number, page, members, list_name,
                            self._member_order(members, list_name, number))

    def enclose(self, number, page, members, list_name, order):
        """The reply: members in that order, the list in its place."""
        before, after = [], []
        place = before
        for name in order:
            if name == list_name:
                place = after
            else:
                place.append(members[name])
        return self._wrap(number, page.operation, before, list_name, page.items, after,
                          page.endless)

    def _member_order(self, members, list_name, number):
        """docs: scalars by name, the list, the Marker; model: as in the service model."""
        if self.order == "shuffled":
            names = sorted(members)
            random.Random(number).shuffle(names)
            return names
        if self.order == "model":
            wanted = ("JobStatus", "JobType", "JobCreationDate",
                      *((list_name, "JobCompletionDate") if list_name != "EntityDetailsList"
                        else ("JobCompletionDate", list_name)), "IsTruncated", "Marker", "Error")
        else:
            wanted = ("Error", "IsTruncated", "JobCompletionDate", "JobCreationDate", "JobStatus",
                      "JobType", list_name, "Marker")
        return [name for name in wanted if name in members]

    def _wrap(self, number, operation, before, list_name=None, items=None, after=(),
              endless=False):
        line, request_id = self.layout.line, self.request_id(number)
        head = [self.layout.declaration,
                line(0, f'<{operation}Response xmlns="{model.NAMESPACE}">'),
                line(1, f"<{operation}Result>"), *(line(2, row) for row in before)]
        tail = [*(line(2, row) for row in after), line(1, f"</{operation}Result>"),
                line(1, "<ResponseMetadata>"), line(2, f"<RequestId>{request_id}</RequestId>"),
                line(1, "</ResponseMetadata>"), line(0, f"</{operation}Response>")]
        members = b"".join(items or ())
        if list_name:
            if members or endless:
                head.append(line(2, f"<{list_name}>"))
                tail.insert(0, line(2, f"</{list_name}>"))
            else:
                head.append(line(2, f"<{list_name}/>"))
        start = "".join(head).encode()
        reply = Reply(200, start + members + "".join(tail).encode(), request_id)
        if endless:
            reply.endless = (start, members or line(3, "<member/>").encode())
        return reply


def report_job(service):
    job = Job("", "SERVICE_LEVEL", service.report.date_ms)
    job.completed_ms = service.report.date_ms + 3775
    return job


def change(items, do):
    """A page that differs from what it was: alter, insert, remove or swap members."""
    items = list(items)
    if "swap" in do and len(items) > do["swap"] + 1:
        k = do["swap"]
        items[k], items[k + 1] = items[k + 1], items[k]
    if "alter" in do and len(items) > do["alter"]:
        items[do["alter"]] = _rename(items[do["alter"]], b"altered-")
    if "remove" in do and len(items) > do["remove"]:
        del items[do["remove"]]
    if "insert" in do:
        k = min(do["insert"], len(items))
        items.insert(k, _rename(items[max(0, k - 1)] if items else b"", b"inserted-"))
    return items


def _rename(member, prefix):
    for tag in (b"<Name>", b"<ServiceName>", b"<UserName>", b"<GroupName>", b"<RoleName>",
                b"<PolicyName>"):
        member = member.replace(tag, tag + prefix)
    return member
