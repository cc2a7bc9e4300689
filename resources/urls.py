from django.urls import path

from .views import bringing, collections, exports, files, finding, imports, readers, resources

resource = "resources/<uuid:public_id>/"
collection = "collections/<uuid:public_id>/"
place = collection + "places/<uuid:resource_id>/"

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
    path(resource + "file/", files.resource_file, name="resource_file"),
    path(resource + "withdraw/", bringing.resource_withdraw, name="resource_withdraw"),
    path(resource + "words/", readers.review_edit, name="review_edit"),
    path(resource + "words/withdraw/", readers.review_withdraw, name="review_withdraw"),
    path(resource + "saved/", readers.saved_edit, name="saved_edit"),
    path(resource + "saved/delete/", readers.saved_delete, name="saved_delete"),
    path(resource + "collect/", collections.resource_collect, name="resource_collect"),
    path("saved/", readers.saved_list, name="saved_list"),
    path("collections/", collections.collection_list, name="collection_list"),
    path("collections/mine/", collections.collection_mine, name="collection_mine"),
    path("collections/new/", collections.collection_create, name="collection_create"),
    path(collection, collections.collection_detail, name="collection_detail"),
    path(collection + "edit/", collections.collection_edit, name="collection_edit"),
    path(collection + "withdraw/", collections.collection_withdraw, name="collection_withdraw"),
    path(collection + "export.html", exports.collection, name="collection_export"),
    path(collection + "places/", collections.place_create, name="place_create"),
    path(place + "words/", collections.place_edit, name="place_edit"),
    path(place + "earlier/", collections.place_earlier, name="place_earlier"),
    path(place + "later/", collections.place_later, name="place_later"),
    path(place + "delete/", collections.place_delete, name="place_delete"),
]
