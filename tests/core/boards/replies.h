/* What the server in memory answers: a list of three pages, and an audit. */
#ifndef TINYIAM_TESTS_REPLIES_H
#define TINYIAM_TESTS_REPLIES_H

#include "world.h"

#define JOB "examplef-1305-c245-eba4-71fe298bcda7"
#define ENTITIES(status, members, more)                                                      \
    "<GetServiceLastAccessedDetailsWithEntitiesResponse "                                    \
    "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"                                   \
    "<GetServiceLastAccessedDetailsWithEntitiesResult><JobStatus>" status "</JobStatus>"     \
    "<JobCreationDate>2018-10-24T19:47:31.466Z</JobCreationDate><EntityDetailsList>" members \
    "</EntityDetailsList>" more "</GetServiceLastAccessedDetailsWithEntitiesResult>"         \
    "</GetServiceLastAccessedDetailsWithEntitiesResponse>"
#define ENTITY(name, date)                                                                   \
    "<member><EntityInfo><Arn>arn:aws:iam::123456789012:user/" name "</Arn><Name>" name      \
    "</Name><Type>USER</Type><Id>AIDAEX2EXAMPLEB6IGCDC</Id><Path>/</Path></EntityInfo>" date \
    "</member>"
#define USED "<LastAuthenticated>2018-10-24T19:10:00+00:00</LastAuthenticated>"
#define MORE(marker) "<IsTruncated>true</IsTruncated><Marker>" marker "</Marker>"
#define LAST "<IsTruncated>false</IsTruncated>"
#define SERVICE(name, space, used, total)                                 \
    "<member><ServiceName>" name "</ServiceName><ServiceNamespace>" space \
    "</ServiceNamespace>" used "<TotalAuthenticatedEntities>" total       \
    "</TotalAuthenticatedEntities></member>"

#define PAGE_1 \
    ENTITIES("COMPLETED", ENTITY("n0", USED) ENTITY("n1", ""), MORE("page+2/=&amp;&#x41;"))
#define PAGE_2 ENTITIES("COMPLETED", ENTITY("n2", USED) ENTITY("n3", USED), MORE("page 3"))
#define PAGE_3_FRONT "<GetServiceLastAccessedDetailsWithEntitiesResponse>"
#define PAGE_3_REST                                                                        \
    "<GetServiceLastAccessedDetailsWithEntitiesResult><JobStatus>COMPLETED</JobStatus>"    \
    "<JobCreationDate>2018-10-24T19:47:31.466Z</JobCreationDate><EntityDetailsList>"       \
    "<member><EntityInfo><Name>n4&#13;</Name><Arn>arn:aws:iam::123456789012:user/n4</Arn>" \
    "</EntityInfo></member></EntityDetailsList>" LAST                                      \
    "</GetServiceLastAccessedDetailsWithEntitiesResult></"                                 \
    "GetServiceLastAccessedDetailsWithEntitiesResponse>"
/* In two chunks: the sizes are those of the two parts. */
#define PAGE_3_HEAD "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define PAGE_3 "33\r\n" PAGE_3_FRONT "\r\n1a3;a=\"b\"\r\n" PAGE_3_REST "\r\n0\r\nX: y\r\n\r\n"

_Static_assert(sizeof PAGE_3_FRONT - 1 == 0x33 && sizeof PAGE_3_REST - 1 == 0x1a3,
               "sizes of the chunks");

/* The second page breaks off, and is asked for again; before the first one the report is not ready. */
static const struct world_reply list_replies[] = {
    {.body = ENTITIES("IN_PROGRESS", "", LAST)},
    {.body = PAGE_1},
    {.body = PAGE_2, .cut = 700},
    {.body = PAGE_2},
    {.head = PAGE_3_HEAD, .body = PAGE_3},
};
/* The same from a checkpoint behind n2. */
static const struct world_reply rest_replies[] = {
    {.body = PAGE_2},
    {.head = PAGE_3_HEAD, .body = PAGE_3},
};
static const struct world_reply one_page[] = {{.body = PAGE_1}};

/* An audit of an ARN with three services, of which two were used. */
static const struct world_reply audit_replies[] = {
    {.body =
         "<GenerateServiceLastAccessedDetailsResponse><GenerateServiceLastAccessedDetailsResult><"
         "JobId>" JOB "</JobId></GenerateServiceLastAccessedDetailsResult></"
         "GenerateServiceLastAccessedDetailsResponse>"},
    {.head = "HTTP/1.1 400 Bad Request\r\nContent-Length: 89\r\n\r\n",
     .body = "<ErrorResponse><Error><Code>Throttling</Code><Message>r</Message></Error></"
             "ErrorResponse>"},
    {.body = "<GetServiceLastAccessedDetailsResponse><GetServiceLastAccessedDetailsResult><"
             "JobStatus>COMPLETED"
             "</JobStatus><JobCreationDate>2018-10-24T19:47:31.466Z</"
             "JobCreationDate><ServicesLastAccessed>" SERVICE("Amazon S3", "s3", USED, "2")
                 SERVICE("AWS IAM", "iam", "", "0")
                     SERVICE("AWS KMS", "kms", USED, "1") "</ServicesLastAccessed>" LAST
                                                          "</GetServiceLastAccessedDetailsResult></"
                                                          "GetServiceLastAccessedDetailsResponse>"},
    {.body = ENTITIES("COMPLETED", ENTITY("n0", USED) ENTITY("n1", USED), LAST)},
    {.body = ENTITIES("COMPLETED", ENTITY("n2", USED), LAST)},
};

#endif
