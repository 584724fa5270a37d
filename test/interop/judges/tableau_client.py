"""tableauserverclient publishes, appends, overwrites and updates a data source; prints what it was told, step by step.

Call: tableau_client.py SETTINGS    (a file: url, site, token_name, token_secret, name, password, jwt, first, more, keys, torn,
folder)
"""

import json
import sys
from pathlib import Path

import tableauserverclient as TSC

settings = json.loads(Path(sys.argv[1]).read_text())
site = settings["site"]
told = {}


def code_of(call):
    """The code with which the server refuses a call."""
    try:
        call()
    except (TSC.ServerResponseError, TSC.FailedSignInError) as error:
        return error.code
    except TSC.JobFailedException as error:
        return {"notes": list(error.notes), "finish_code": error.job.finish_code}
    return None


def source_named(server, name):
    options = TSC.RequestOptions()
    options.filter.add(TSC.Filter(TSC.RequestOptions.Field.Name, TSC.RequestOptions.Operator.Equals, name))
    found, page = server.datasources.get(options)
    return {"total": page.total_available, "ids": [one.id for one in found]}


def by_id(name):
    return {
        "action": name,
        "target-schema": "Extract",
        "target-table": "lines",
        "source-schema": "Extract",
        "source-table": "lines",
        "condition": {"op": "eq", "target-col": "id", "source-col": "id"},
    }


server = TSC.Server(settings["url"], use_server_version=True)
for method, auth in {
    "password": TSC.TableauAuth(settings["name"], settings["password"], site_id=site),
    "jwt": TSC.JWTAuth(settings["jwt"], site_id=site),
}.items():
    with server.auth.sign_in(auth):
        told[method] = [project.name for project in TSC.Pager(server.projects)]

told["version"] = server.version
wrong = TSC.PersonalAccessTokenAuth(settings["token_name"], "no", site_id=site)
told["refused"] = code_of(lambda: server.auth.sign_in(wrong))
with server.auth.sign_in(TSC.PersonalAccessTokenAuth(settings["token_name"], settings["token_secret"], site_id=site)):
    finance = next(project for project in TSC.Pager(server.projects) if project.name == "Finance")
    item = TSC.DatasourceItem(finance.id, name='Lines & "more"')
    item.description = "<from Python>"
    create = TSC.Server.PublishMode.CreateNew
    source = server.datasources.publish(item, settings["first"], create)
    told["published"] = {"id": source.id, "name": source.name, "project": source.project_name}
    told["taken"] = code_of(lambda: server.datasources.publish(item, settings["first"], create))
    server.datasources.publish(item, settings["more"], TSC.Server.PublishMode.Append)

    update = server.datasources.update_hyper_data
    job = update(source, request_id="one", actions=[by_id("upsert")], payload=settings["more"])
    again = update(source, request_id="one", actions=[by_id("upsert")], payload=settings["more"])
    told["same_job"] = job.id == again.id
    done = server.jobs.wait_for_job(job)
    told["job"] = {"type": done.type, "finish_code": done.finish_code, "progress": done.progress}
    job = update(source, request_id="two", actions=[by_id("delete")], payload=settings["keys"])
    told["deleted"] = server.jobs.wait_for_job(job).finish_code
    bad = {**by_id("upsert"), "source-table": "nowhere"}
    job = update(source, request_id="three", actions=[bad], payload=settings["more"])
    told["failed"] = code_of(lambda: server.jobs.wait_for_job(job))

    job = server.datasources.publish(
        TSC.DatasourceItem(finance.id, name="As a job"), settings["first"], create, as_job=True
    )
    told["as_job"] = server.jobs.wait_for_job(job).finish_code
    torn = TSC.DatasourceItem(finance.id, name="Torn")
    told["torn"] = code_of(lambda: server.datasources.publish(torn, settings["torn"], create))

    source = server.datasources.get_by_id(source.id)
    server.datasources.populate_connections(source)
    told["connections"] = [connection.connection_type for connection in source.connections]
    server.datasources.add_tags(source, {"ledger", "two words"})
    server.datasources.delete_tags(source, "two words")
    told["content"] = Path(server.datasources.download(source.id, settings["folder"])).name
    told["tags"] = sorted(server.datasources.get_by_id(source.id).tags)
    source.name = "Renamed"
    told["renamed"] = server.datasources.update(source).name
    told["refresh"] = code_of(lambda: server.datasources.refresh(source))
    server.datasources.populate_revisions(source)
    told["revisions"] = [revision.revision_number for revision in source.revisions]
    told["listed"] = sorted(one.name for one in TSC.Pager(server.datasources))
    told["schedules"] = code_of(lambda: server.schedules.get())
    told["tasks"] = len(server.tasks.get()[0])
    server.datasources.delete(next(one for one in TSC.Pager(server.datasources) if one.name == "As a job").id)
    told["left"] = sorted(one.name for one in TSC.Pager(server.datasources))
    told["named"] = source_named(server, "Lines")["total"]
print(json.dumps(told))
