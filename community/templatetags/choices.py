"""{% choices field %}: lines to tick or to choose one of, made without a template for each: some fields have dozens."""

from django import template
from django.forms.boundfield import BoundField, BoundWidget
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
_LINE = '<label class="{}"{}><input type="{}" name="{}" value="{}"{}> <span>{}</span></label>\n'


@register.simple_tag
def choices(field: BoundField, shape: str = "choice") -> SafeString:
    return format_html_join("", _LINE, (_parts(option, shape) for option in field))


def _parts(option: BoundWidget, shape: str) -> tuple[object, ...]:
    data, id_ = option.data, option.id_for_label
    towards = format_html(' for="{}"', id_) if id_ else ""
    return shape, towards, data["type"], data["name"], data["value"], flatatt(data["attrs"]), option.choice_label
