from django.urls import path

from .views import bringing, exports, finding, imports, resources

resource = "resources/<uuid:public_id>/"

urlpatterns = [
    path("resources/", finding.resource_list, name="resource_list"),
    path("resources/new/", bringing.resource_create, name="resource_create"),
    path("resources/import/", imports.resource_import, name="resource_import"),
    path("resources/import/<uuid:public_id>/", imports.import_detail, name="import_detail"),
    path("resources/export.html", exports.bookmarks, name="resource_export_html"),
    path("resources/export.csv", exports.table, name="resource_export_csv"),
    path("resources/export.json", exports.records, name="resource_export_json"),
    path(resource, resources.resource_detail, name="resource_detail"),
    path(resource + "edit/", bringing.resource_edit, name="resource_edit"),
    path(resource + "withdraw/", bringing.resource_withdraw, name="resource_withdraw"),
    path(resource + "report/", bringing.resource_report, name="resource_report"),
]
