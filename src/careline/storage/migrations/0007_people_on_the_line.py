"""Who takes calls at the desk, who is with a caller, and calls that a clinician and a patient had through Careline."""

from importlib import import_module

import careline.storage.encryption
import careline.storage.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_fences = import_module("careline.storage.migrations.0002_fences")
SCOPED = ("desk_presence", "patched_call")
TIED = {"patched_call.contact_id": "contact", "patched_call.page_id": "page"}

SQL = "\n".join(
    [
        *(_fences.tie(reference, target) for reference, target in TIED.items()),
        *(_fences.policies(table) for table in SCOPED),
        "CREATE TRIGGER poke AFTER INSERT OR UPDATE ON desk_presence FOR EACH ROW EXECUTE FUNCTION poke_row();",
        "CREATE TRIGGER poke AFTER INSERT OR UPDATE ON patched_call FOR EACH ROW EXECUTE FUNCTION poke_page();",
        "CREATE TRIGGER poke_answer AFTER UPDATE OF result ON call_command FOR EACH ROW EXECUTE FUNCTION poke_contact();",
    ]
)


class Migration(migrations.Migration):

    dependencies = [
        ('careline', '0006_notify_fences'),
    ]

    operations = [
        migrations.AddField(
            model_name='callcommand',
            name='text',
            field=careline.storage.encryption.SealedField('text'),
        ),
        migrations.AddField(
            model_name='livecall',
            name='with_person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='DeskPresence',
            fields=[
                ('id', models.UUIDField(default=careline.storage.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('available', models.BooleanField(default=False)),
                ('number', models.CharField(default='', max_length=64)),
                ('since', models.DateTimeField()),
                ('missed', models.SmallIntegerField(default=0)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('practice', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='careline.practice')),
            ],
            options={
                'db_table': 'desk_presence',
                'constraints': [models.UniqueConstraint(fields=('practice', 'person'), name='one_presence')],
            },
        ),
        migrations.CreateModel(
            name='PatchedCall',
            fields=[
                ('id', models.UUIDField(default=careline.storage.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(default='', max_length=160)),
                ('via', models.CharField(default='', max_length=40)),
                ('state', models.CharField(default='asked', max_length=40)),
                ('asked_at', models.DateTimeField()),
                ('joined_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('interpreter', models.BooleanField(default=False)),
                ('outcome', models.CharField(default='', max_length=40)),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='patched', to='careline.contact')),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='patched', to='careline.page')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('practice', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='careline.practice')),
            ],
            options={
                'db_table': 'patched_call',
                'indexes': [models.Index(fields=['practice', 'page'], name='patched_by_page')],
                'constraints': [models.UniqueConstraint(fields=('practice', 'key'), name='one_patch_per_key')],
            },
        ),
        migrations.RunSQL(SQL, migrations.RunSQL.noop),
    ]
