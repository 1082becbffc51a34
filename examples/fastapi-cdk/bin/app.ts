#!/usr/bin/env node
import { App } from 'aws-cdk-lib';
import { FastApiStack } from '../lib/fastapi-stack';

new FastApiStack(new App(), 'FastApi');
